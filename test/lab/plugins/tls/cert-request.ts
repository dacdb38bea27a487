import { createHash, webcrypto } from "node:crypto";

import type { DiffResult } from "@pulumi/pulumi/provider/index.js";
import * as z from "zod";

import { revealAll, secret, type Properties } from "../property.ts";
import { changedOf, failuresOf, type Checked, type Created, type ResourceType } from "../resource-type.ts";
import { alternativeNamesExtension, alternativeNamesSchema, generalNames } from "./alternative-names.ts";
import { signingKey } from "./key.ts";
import { pem } from "./pem.ts";
import { isEmpty, subjectName, subjectSchema } from "./subject.ts";
import * as x509 from "./x509.ts";

const schema = z.strictObject({
    ...alternativeNamesSchema,
    privateKeyPem: z.string(),
    subject: subjectSchema.optional(),
});

/** tls.CertRequest: a request for a certificate, signed with the key that it is for. Any change makes a new one. */
export class CertRequest implements ResourceType {
    check(inputs: Properties): Checked {
        return { inputs, failures: failuresOf(schema, inputs) };
    }

    diff(recorded: Properties, inputs: Properties): DiffResult {
        const replaces = changedOf(Object.keys(schema.shape), recorded, inputs);
        return { changes: replaces.length > 0, replaces: [...replaces] };
    }

    async create(inputs: Properties): Promise<Created> {
        const known = schema.parse(revealAll(inputs));
        const key = await signingKey("privateKeyPem", known.privateKeyPem);
        const name = subjectName(known.subject ?? {});
        const request = await x509.Pkcs10CertificateRequestGenerator.create(
            {
                name,
                keys: { privateKey: key.privateKey, publicKey: key.publicKey },
                signingAlgorithm: key.signingAlgorithm,
                extensions: alternativeNamesExtension(generalNames(known), isEmpty(name)),
            },
            webcrypto,
        );
        return {
            id: createHash("sha1").update(Buffer.from(request.rawData)).digest("hex"),
            outputs: {
                ...inputs,
                privateKeyPem: secret(known.privateKeyPem),
                keyAlgorithm: key.algorithm,
                certRequestPem: pem("CERTIFICATE REQUEST", request.rawData),
            },
        };
    }

    update(): Promise<Properties> {
        return Promise.reject(
            new Error("a request has nothing that could be updated: any change replaces it"),
        );
    }

    delete(): Promise<void> {
        return Promise.resolve();
    }

    read(recorded: Properties): Properties {
        return recorded;
    }
}
