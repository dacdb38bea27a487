import * as z from "zod";

import { revealAll, secret, type Properties } from "../property.ts";
import type { Created } from "../resource-type.ts";
import { alternativeNamesSchema, generalNames } from "./alternative-names.ts";
import { CertificateResource } from "./certificate-resource.ts";
import { CERTIFICATE_DEFAULTS, certificateSchema, issueCertificate } from "./certificate.ts";
import { signingKey } from "./key.ts";
import { subjectName, subjectSchema } from "./subject.ts";

const DEFAULTS = { ...CERTIFICATE_DEFAULTS, setAuthorityKeyId: false } as const;

const schema = z.strictObject({
    ...certificateSchema,
    ...alternativeNamesSchema,
    privateKeyPem: z.string(),
    subject: subjectSchema.optional(),
    setAuthorityKeyId: z.boolean().default(DEFAULTS.setAuthorityKeyId),
});

/** tls.SelfSignedCert: a certificate for a key, signed with that key. */
export class SelfSignedCert extends CertificateResource {
    constructor() {
        super(schema, DEFAULTS);
    }

    async create(inputs: Properties): Promise<Created> {
        const known = schema.parse(revealAll(inputs));
        const key = await signingKey("privateKeyPem", known.privateKeyPem);
        const { id, outputs } = await issueCertificate(
            {
                ...known,
                subject: subjectName(known.subject ?? {}),
                names: generalNames(known),
                publicKey: key.spki,
            },
            { key },
        );
        return {
            id,
            outputs: {
                ...DEFAULTS,
                ...inputs,
                privateKeyPem: secret(known.privateKeyPem),
                keyAlgorithm: key.algorithm,
                ...outputs,
            },
        };
    }
}
