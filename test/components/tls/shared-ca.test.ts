/* What this does not show: whether OpenSSL and Go accept the certificate that the TLS provider makes of these inputs. */
import { describe, expect, it } from "vitest";

import { SharedCa } from "../../../components/tls/shared-ca.ts";
import { record, type RecordedResource } from "../../../plan/record.ts";
import { refusalOf } from "./refusal.ts";

const STACK = { project: "multicluster", stack: "test" } as const;
const ARGS = { meshName: "prod", validityHours: 87_600 } as const;

const valueOf = (output: { apply(read: (value: string) => void): unknown }) =>
    new Promise<string>((resolve) => {
        output.apply(resolve);
    });

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

    it("keeps the life of a CA that is there when another one is described", async () => {
        const { resources } = await run();
        expect(resources.map(({ name, ignoreChanges }) => [name, ignoreChanges])).toEqual([
            ["ca", []],
            ["ca-key", []],
            ["ca-cert", ["validityPeriodHours"]],
        ]);
    });

    it.each([
        ["trusted", ["ca-cert", "ca-key"], "[ca-cert.certPem]"],
        ["signing", ["ca-2-cert", "ca-2-key"], "[ca-2-cert.certPem]"],
    ] as const)(
        "has two CAs in a rotation; with the next one %s it protects the one that signs",
        async (next, kept, signer) => {
            const { resources, outputs: ca } = await record(
                () => new SharedCa("ca", { ...ARGS, next }),
                STACK,
            );
            const names = (some: readonly RecordedResource[]) => some.map(({ name }) => name).sort();
            expect(names(resources)).toEqual(["ca", "ca-2-cert", "ca-2-key", "ca-cert", "ca-key"]);
            expect(names(resources.filter(({ protect }) => protect))).toEqual(kept);
            expect(resources[0]?.inputs).toEqual({ meshName: "prod", validityHours: 87_600, next });
            expect(resources.find(({ name }) => name === "ca-2-cert")?.inputs["subject"]).toEqual({
                commonName: "prod mesh CA",
                organizationalUnit: "generation 2",
            });
            expect(await valueOf(ca.certPem)).toBe(signer);
            expect(await valueOf(ca.trustPem)).toBe("[ca-cert.certPem]\n[ca-2-cert.certPem]\n");
        },
    );

    it("has the next CA alone when a rotation is over", async () => {
        const { resources, outputs: ca } = await record(
            () => new SharedCa("ca", { ...ARGS, generation: 2 }),
            STACK,
        );
        expect(resources.map(({ name, protect }) => [name, protect])).toEqual([
            ["ca", false],
            ["ca-2-key", true],
            ["ca-2-cert", true],
        ]);
        expect(resources[0]?.inputs).toEqual({ meshName: "prod", validityHours: 87_600, generation: 2 });
        expect(await valueOf(ca.trustPem)).toBe("[ca-2-cert.certPem]");
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
            "a certificate that is none",
            { ...ARGS, brought: { certificate: "<pem>", privateKeyPem: "<key>" } },
            "SharedCa ca: 1 problem\n✖ brought\n    must hold the CA's certificate in PEM form\n    fix: pass it, and those above it",
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
