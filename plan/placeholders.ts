import type { Mocks } from "@pulumi/pulumi/runtime/mocks.js";

/** The outputs of the resources of this program that only a provider can make. */
const OUTPUTS: Readonly<Record<string, readonly string[]>> = {
    "tls:index/privateKey:PrivateKey": [
        "privateKeyPem",
        "privateKeyOpenssh",
        "privateKeyPemPkcs8",
        "publicKeyPem",
    ],
    "tls:index/certRequest:CertRequest": ["certRequestPem"],
    "tls:index/selfSignedCert:SelfSignedCert": ["certPem", "validityEndTime"],
    "tls:index/locallySignedCert:LocallySignedCert": ["certPem", "validityEndTime"],
    "command:local:Command": ["stdout", "stderr"],
    "command:remote:Command": ["stdout", "stderr"],
};

/** What stands for an output until `pulumi up` has made it: `[east-server-key.privateKeyPem]`. */
export function placeholder(name: string, output: string): string {
    return `[${name}.${output}]`;
}

function own(inputs: unknown): object {
    return typeof inputs === "object" && inputs !== null ? inputs : {};
}

/** Answers every registration with its own inputs, and a placeholder for each output that would be made. */
export const placeholders: Mocks = {
    newResource: ({ type, name, inputs }) => ({
        id: `[${name}.id]`,
        state: {
            ...own(inputs),
            ...Object.fromEntries((OUTPUTS[type] ?? []).map((output) => [output, placeholder(name, output)])),
        },
    }),
    call: ({ token }) => {
        throw new Error(`a plan calls no provider function, but the program called ${token}`);
    },
};
