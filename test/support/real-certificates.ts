import type { Mocks } from "@pulumi/pulumi/runtime/mocks.js";

import { propertiesOf, revealAll } from "../lab/plugins/property.ts";
import { tlsTypes } from "../lab/plugins/tls/types.ts";
import { placeholders } from "../../plan/placeholders.ts";

/**
 * Answers for resources with real keys and certificates, and remembers them as a stack's state does: what is registered again
 * with the same inputs is the same again. Everything else gets a placeholder.
 */
export function realCertificates(): Mocks {
    const types = tlsTypes();
    const made = new Map<string, ReturnType<Mocks["newResource"]>>();
    return {
        ...placeholders,
        newResource: (args) => {
            const type = types[args.type];
            if (type === undefined) return placeholders.newResource(args);
            const inputs = revealAll(propertiesOf(args.inputs));
            const key = JSON.stringify([args.name, inputs]);
            const known = made.get(key);
            if (known !== undefined) return known;
            const created = type
                .create(inputs)
                .then(({ id, outputs }) => ({ id, state: revealAll(outputs) }));
            made.set(key, created);
            return created;
        },
    };
}
