import type { DiffResult } from "@pulumi/pulumi/provider/index.js";
import type { ZodObject } from "zod";

import type { Properties } from "../property.ts";
import { changedOf, failuresOf, type Checked, type Created, type ResourceType } from "../resource-type.ts";
import { isReadyForRenewal } from "./renewal.ts";

/**
 * What both kinds of certificates have in common: a change of anything but the time of renewal makes a new certificate, and so
 * does that time when it has come, in a preview as in an `up`.
 */
export abstract class CertificateResource implements ResourceType {
    readonly #schema: ZodObject;
    readonly #defaults: Properties;

    constructor(schema: ZodObject, defaults: Properties) {
        this.#schema = schema;
        this.#defaults = defaults;
    }

    abstract create(inputs: Properties): Promise<Created>;

    check(inputs: Properties): Checked {
        return { inputs, failures: failuresOf(this.#schema, inputs) };
    }

    diff(recorded: Properties, inputs: Properties): DiffResult {
        const expected = { ...this.#defaults, ...inputs };
        const changed = changedOf(Object.keys(this.#schema.shape), recorded, expected);
        const replaces = changed.filter((name) => name !== "earlyRenewalHours");
        const renews = isReadyForRenewal(recorded, expected["earlyRenewalHours"]);
        return {
            changes: changed.length > 0 || renews,
            replaces: [...replaces, ...(renews ? ["readyForRenewal"] : [])],
        };
    }

    update(recorded: Properties, inputs: Properties): Promise<Properties> {
        return Promise.resolve({ ...recorded, ...this.#defaults, ...inputs });
    }

    delete(): Promise<void> {
        return Promise.resolve();
    }

    read(recorded: Properties): Properties {
        return isReadyForRenewal(recorded, recorded["earlyRenewalHours"])
            ? { ...recorded, readyForRenewal: true }
            : recorded;
    }
}
