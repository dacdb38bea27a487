import type { ResourceType } from "../resource-type.ts";
import { CertRequest } from "./cert-request.ts";
import { LocallySignedCert } from "./locally-signed-cert.ts";
import { PrivateKey } from "./private-key.ts";
import { SelfSignedCert } from "./self-signed-cert.ts";

/** The resources of the provider, by their tokens. */
export function tlsTypes(): Readonly<Record<string, ResourceType>> {
    return {
        "tls:index/privateKey:PrivateKey": new PrivateKey(),
        "tls:index/selfSignedCert:SelfSignedCert": new SelfSignedCert(),
        "tls:index/certRequest:CertRequest": new CertRequest(),
        "tls:index/locallySignedCert:LocallySignedCert": new LocallySignedCert(),
    };
}
