import { isIP } from "node:net";

import * as z from "zod";

import * as x509 from "./x509.ts";

/** The names and addresses of a certificate, as inputs. */
export const alternativeNamesSchema = {
    dnsNames: z.array(z.string()).optional(),
    ipAddresses: z
        .array(z.string().refine((text) => isIP(text) !== 0 && !text.includes("%"), "must be an IP address"))
        .optional(),
    uris: z.array(z.string().min(1)).optional(),
} as const;

interface AlternativeNames {
    readonly dnsNames?: readonly string[] | undefined;
    readonly ipAddresses?: readonly string[] | undefined;
    readonly uris?: readonly string[] | undefined;
}

/** Names and addresses in the order in which Go encodes them. */
export function generalNames({
    dnsNames = [],
    ipAddresses = [],
    uris = [],
}: AlternativeNames): x509.JsonGeneralNames {
    return [
        ...dnsNames.map((value) => ({ type: "dns" as const, value })),
        ...ipAddresses.map((value) => ({ type: "ip" as const, value })),
        ...uris.map((value) => ({ type: "url" as const, value })),
    ];
}

/** Those of a request that a certificate takes over. */
export function requestedNames(request: x509.Pkcs10CertificateRequest): x509.JsonGeneralNames {
    const names = request.extensions
        .filter((extension) => extension instanceof x509.SubjectAlternativeNameExtension)
        .flatMap((extension) => extension.names.toJSON());
    const values = (type: x509.JsonGeneralName["type"]) =>
        names.filter((name) => name.type === type).map(({ value }) => value);
    return generalNames({ dnsNames: values("dns"), ipAddresses: values("ip"), uris: values("url") });
}

/** The extension, if there is any name; critical where the subject says nothing. */
export function alternativeNamesExtension(names: x509.JsonGeneralNames, critical: boolean): x509.Extension[] {
    return names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names, critical)];
}
