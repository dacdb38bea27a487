/* What this does not show: whether OpenSSL and Go accept the certificate that the TLS provider makes of these inputs. */
import { describe, expect, it } from "vitest";

import { SharedCa } from "../../../components/tls/shared-ca.ts";
import { record, type RecordedResource } from "../../../plan/record.ts";
import { refusalOf } from "./refusal.ts";

const STACK = { project: "multicluster", stack: "test" } as const;
const ARGS = { meshName: "prod", validityHours: 87_600 } as const;

const run = () => record(() => new SharedCa("ca", ARGS), STACK);

function shape({ type, name, inputs, protect, secretPaths }: RecordedResource) {
    return { type, name, inputs, protect, secretPaths };
}

describe("SharedCa", () => {
    it("is one protected key and one protected certificate, and nothing else", async () => {
        const { resources } = await run();
        expect(resources.map(shape)).toEqual([
            {
                type: "multicluster:tls:SharedCa",
                name: "ca",
                inputs: { meshName: "prod", validityHours: 87_600 },
                protect: false,
                secretPaths: [],
            },
            {
                type: "tls:index/privateKey:PrivateKey",
                name: "ca-key",
                inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" },
                protect: true,
                secretPaths: [],
            },
            {
                type: "tls:index/selfSignedCert:SelfSignedCert",
                name: "ca-cert",
                inputs: {
                    privateKeyPem: "[ca-key.privateKeyPem]",
                    subject: { commonName: "prod mesh CA" },
                    isCaCertificate: true,
                    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
                    setSubjectKeyId: true,
                    validityPeriodHours: 87_600,
                    earlyRenewalHours: 0,
                },
                protect: true,
                secretPaths: ["privateKeyPem"],
            },
        ]);
        const [component, ...children] = resources;
        expect(children.map(({ parent }) => parent)).toEqual([component?.urn, component?.urn]);
    });

    it("hands on the certificate in the clear and the key as a secret", async () => {
        const { outputs: ca } = await run();
        const isSecret = async (output: object) => {
            const secret: unknown = await Reflect.get(output, "isSecret");
            return secret;
        };
        expect(await isSecret(ca.certPem)).toBe(false);
        expect(await isSecret(ca.privateKeyPem)).toBe(true);
    });

    it.each([
        [
            "an empty name",
            { ...ARGS, meshName: "" },
            "SharedCa ca: 1 problem\n✖ meshName\n    must not be empty\n    fix: name the mesh",
        ],
        [
            "a name that no certificate holds",
            { ...ARGS, meshName: "m".repeat(57) },
            `SharedCa ca: 1 problem\n✖ meshName\n    makes the common name "${"m".repeat(57)} mesh CA", which has 65 characters; a certificate holds 64\n    fix: shorten it by 1`,
        ],
        [
            "a life that is no whole number of hours",
            { ...ARGS, validityHours: 0.5 },
            "SharedCa ca: 1 problem\n✖ validityHours = 0.5\n    must be a whole number of hours, at least 1\n    fix: write it in hours: 8760 are a year",
        ],
    ])("refuses %s before anything is registered", async (_, args, message) => {
        expect(await refusalOf(() => new SharedCa("ca", args))).toBe(message);
    });

    it("takes the longest name that a certificate holds", async () => {
        const args = { ...ARGS, meshName: "m".repeat(56) };
        const { resources } = await record(() => new SharedCa("ca", args), STACK);
        expect(resources).toHaveLength(3);
    });
});
