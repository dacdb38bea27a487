import * as z from "zod";

import { revealAll, secret, type Properties } from "../property.ts";
import type { Created } from "../resource-type.ts";
import { requestedNames } from "./alternative-names.ts";
import { CertificateResource } from "./certificate-resource.ts";
import { CERTIFICATE_DEFAULTS, certificateSchema, issueCertificate, type Issuer } from "./certificate.ts";
import { signingKey } from "./key.ts";
import * as x509 from "./x509.ts";

const schema = z.strictObject({
    ...certificateSchema,
    certRequestPem: z.string(),
    caCertPem: z.string(),
    caPrivateKeyPem: z.string(),
});

/** tls.LocallySignedCert: a certificate for a request, signed with the key of a CA. */
export class LocallySignedCert extends CertificateResource {
    constructor() {
        super(schema, CERTIFICATE_DEFAULTS);
    }

    async create(inputs: Properties): Promise<Created> {
        const known = schema.parse(revealAll(inputs));
        const request = parsed("certRequestPem", "certificate request", () => {
            return new x509.Pkcs10CertificateRequest(known.certRequestPem);
        });
        const issuer = await issuerOf(known);
        const { id, outputs } = await issueCertificate(
            {
                ...known,
                subject: request.subjectName,
                names: requestedNames(request),
                publicKey: Buffer.from(request.publicKey.rawData),
                setAuthorityKeyId: false,
            },
            issuer,
        );
        return {
            id,
            outputs: {
                ...CERTIFICATE_DEFAULTS,
                ...inputs,
                caPrivateKeyPem: secret(known.caPrivateKeyPem),
                caKeyAlgorithm: issuer.key.algorithm,
                ...outputs,
            },
        };
    }
}

async function issuerOf({ caCertPem, caPrivateKeyPem }: z.infer<typeof schema>): Promise<Issuer> {
    const certificate = parsed("caCertPem", "certificate", () => new x509.X509Certificate(caCertPem));
    const key = await signingKey("caPrivateKeyPem", caPrivateKeyPem);
    if (!key.spki.equals(Buffer.from(certificate.publicKey.rawData))) {
        throw new Error(
            "Failed to create certificate: caPrivateKeyPem is not the key of caCertPem: give both of one CA",
        );
    }
    return {
        name: certificate.subjectName,
        key,
        keyId: certificate.getExtension(x509.SubjectKeyIdentifierExtension)?.keyId,
    };
}

function parsed<T>(property: string, what: string, parse: () => T): T {
    try {
        return parse();
    } catch (error) {
        throw new Error(`${property}: is no ${what} in PEM form`, { cause: error });
    }
}
