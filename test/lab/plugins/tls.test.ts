import { createPublicKey, X509Certificate } from "node:crypto";

import { describe, expect, onTestFinished, test, vi } from "vitest";

import { hasSecret, reveal, secret, type Properties } from "./property.ts";
import type { Created, ResourceType } from "./resource-type.ts";
import { tlsTypes } from "./tls/types.ts";
import * as x509 from "./tls/x509.ts";

const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

const types = tlsTypes();
const privateKey = typeOf("tls:index/privateKey:PrivateKey");
const selfSigned = typeOf("tls:index/selfSignedCert:SelfSignedCert");
const request = typeOf("tls:index/certRequest:CertRequest");
const locallySigned = typeOf("tls:index/locallySignedCert:LocallySignedCert");

const CA_INPUTS = {
    subject: { commonName: "lab mesh CA" },
    isCaCertificate: true,
    allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
    setSubjectKeyId: true,
    validityPeriodHours: 48,
    earlyRenewalHours: 0,
};
const LEAF_INPUTS = {
    allowedUses: ["digital_signature", "server_auth", "client_auth"],
    validityPeriodHours: 24,
    earlyRenewalHours: 2,
};

describe("PrivateKey", () => {
    test.each([
        ["ECDSA", "P256", "EC PRIVATE KEY", "ecdsa-sha2-nistp256 "],
        ["ECDSA", "P384", "EC PRIVATE KEY", "ecdsa-sha2-nistp384 "],
        ["ED25519", undefined, "PRIVATE KEY", "ssh-ed25519 "],
        ["RSA", undefined, "RSA PRIVATE KEY", "ssh-rsa "],
    ])("%s %s: the forms that the official provider gives", async (algorithm, ecdsaCurve, label, sshType) => {
        const { outputs } = await privateKey.create({
            algorithm,
            ...(ecdsaCurve === undefined ? {} : { ecdsaCurve }),
        });
        const pem = text(outputs, "privateKeyPem");
        expect(pem).toMatch(new RegExp(`^-----BEGIN ${label}-----\n[^]*\n-----END ${label}-----\n$`));
        expect(text(outputs, "privateKeyPemPkcs8")).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
        expect(text(outputs, "privateKeyOpenssh")).toMatch(/^-----BEGIN OPENSSH PRIVATE KEY-----\n/);
        expect(text(outputs, "publicKeyPem")).toBe(
            createPublicKey(pem).export({ type: "spki", format: "pem" }),
        );
        expect(text(outputs, "publicKeyOpenssh")).toMatch(new RegExp(`^${sshType}[A-Za-z0-9+/=]+\n$`));
        expect(text(outputs, "publicKeyFingerprintSha256")).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
        expect(text(outputs, "publicKeyFingerprintMd5")).toMatch(/^([0-9a-f]{2}:){15}[0-9a-f]{2}$/);
        for (const name of ["privateKeyPem", "privateKeyPemPkcs8", "privateKeyOpenssh"]) {
            expect(hasSecret(outputs[name]), name).toBe(true);
        }
        expect(JSON.stringify(withoutSecrets(outputs))).not.toContain("PRIVATE");
    });

    test("has the official defaults, and nothing for OpenSSH with the curve P224", async () => {
        const { outputs } = await privateKey.create({ algorithm: "ECDSA" });
        expect(outputs).toMatchObject({ ecdsaCurve: "P224", rsaBits: 2048, publicKeyOpenssh: "" });
    });

    test("refuses what there is not, by name, but not what only the run will tell", () => {
        expect(privateKey.check({ algorithm: "DSA", ecdsaCurve: "P256" }).failures).toMatchObject([
            { property: "algorithm" },
        ]);
        expect(privateKey.check({ algorithm: UNKNOWN }).failures).toEqual([]);
    });

    test("is replaced by any change, and by no default written out", () => {
        const recorded = { algorithm: "ECDSA", ecdsaCurve: "P224", rsaBits: 2048 };
        expect(privateKey.diff(recorded, { algorithm: "ECDSA", ecdsaCurve: "P224" }).changes).toBe(false);
        expect(privateKey.diff(recorded, { algorithm: "ECDSA", ecdsaCurve: "P256" }).replaces).toEqual([
            "ecdsaCurve",
        ]);
    });
});

describe("certificates", async () => {
    const caKey = await keyPem();
    const ca = await selfSigned.create({ ...CA_INPUTS, privateKeyPem: secret(caKey) });
    const caCertPem = text(ca.outputs, "certPem");
    const caInputs = { caCertPem, caPrivateKeyPem: secret(caKey) };

    async function leafFor(inputs: Properties): Promise<Created> {
        const { outputs } = await request.create({ privateKeyPem: secret(await keyPem()), ...inputs });
        return await locallySigned.create({
            ...LEAF_INPUTS,
            ...caInputs,
            certRequestPem: text(outputs, "certRequestPem"),
        });
    }

    test("a CA says what the official one says, in its order", () => {
        const certificate = new X509Certificate(caCertPem);
        expect(certificate.ca).toBe(true);
        expect(certificate.verify(certificate.publicKey)).toBe(true);
        expect(certificate.subject).toBe("CN=lab mesh CA");
        expect(certificate.issuer).toBe(certificate.subject);
        expect(extensionsOf(caCertPem)).toEqual([
            ["2.5.29.15", true], // key usage
            ["2.5.29.19", true], // basic constraints
            ["2.5.29.14", false], // subject key id
        ]);
        expect(ca.id).toBe(BigInt(`0x${certificate.serialNumber}`).toString());
        expect(keyUsage(caCertPem)).toBe("03020186");
    });

    test("a leaf carries the request's subject, names and addresses, and verifies to the CA", async () => {
        const leaf = await leafFor({
            subject: { commonName: "clustermesh-apiserver.cilium.io" },
            dnsNames: ["clustermesh-apiserver.cilium.io", "*.mesh.cilium.io"],
            ipAddresses: ["127.0.0.1", "::1", "10.88.1.200"],
        });
        const pem = text(leaf.outputs, "certPem");
        const certificate = new X509Certificate(pem);
        const authority = new X509Certificate(caCertPem);
        expect(certificate.verify(authority.publicKey)).toBe(true);
        expect(certificate.checkIssued(authority)).toBe(true);
        expect(certificate.ca).toBe(false);
        expect(certificate.subjectAltName).toBe(
            "DNS:clustermesh-apiserver.cilium.io, DNS:*.mesh.cilium.io, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:10.88.1.200",
        );
        expect(certificate.keyUsage).toEqual(["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"]);
        expect(extensionsOf(pem)).toEqual([
            ["2.5.29.15", true], // key usage
            ["2.5.29.37", false], // extended key usage
            ["2.5.29.19", true], // basic constraints
            ["2.5.29.35", false], // authority key id
            ["2.5.29.17", false], // names
        ]);
        expect(keyUsage(pem)).toBe("03020780");
        const hours = (Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)) / 3_600_000;
        expect(hours).toBe(24);
        expect(leaf.outputs).toMatchObject({ caKeyAlgorithm: "ECDSA", readyForRenewal: false });
        expect(Date.parse(text(leaf.outputs, "validityEndTime"))).toBeGreaterThan(Date.now());
        expect(hasSecret(leaf.outputs["caPrivateKeyPem"])).toBe(true);
        expect(JSON.stringify(withoutSecrets(leaf.outputs))).not.toContain("PRIVATE");
    });

    test("a name with a star is a UTF-8 string, as Go has it", async () => {
        const { outputs } = await leafFor({ subject: { commonName: "*.east.hubble-grpc.cilium.io" } });
        const name = new x509.X509Certificate(text(outputs, "certPem")).subjectName;
        expect(Buffer.from(name.toArrayBuffer()).includes(Buffer.from([0x0c, 28]))).toBe(true);
    });

    test("a request is signed with its key", async () => {
        const key = await keyPem();
        const { outputs } = await request.create({
            privateKeyPem: secret(key),
            subject: { commonName: "a" },
        });
        const parsed = new x509.Pkcs10CertificateRequest(text(outputs, "certRequestPem"));
        expect(await parsed.verify()).toBe(true);
        expect(outputs).toMatchObject({ keyAlgorithm: "ECDSA" });
        expect(hasSecret(outputs["privateKeyPem"])).toBe(true);
    });

    test.each(["ED25519", "RSA"])("a CA with a key of the kind %s", async (algorithm) => {
        const key = await keyPem({ algorithm });
        const { outputs } = await selfSigned.create({ ...CA_INPUTS, privateKeyPem: secret(key) });
        const certificate = new X509Certificate(text(outputs, "certPem"));
        expect(certificate.verify(certificate.publicKey)).toBe(true);
        expect(outputs["keyAlgorithm"]).toBe(algorithm);
    });

    test("the key of another CA is refused, without its text", async () => {
        const other = await keyPem();
        const { outputs } = await request.create({ privateKeyPem: secret(await keyPem()) });
        const attempt = locallySigned.create({
            ...LEAF_INPUTS,
            caCertPem,
            caPrivateKeyPem: secret(other),
            certRequestPem: text(outputs, "certRequestPem"),
        });
        await expect(attempt).rejects.toThrow("caPrivateKeyPem is not the key of caCertPem");
        await expect(selfSigned.create({ ...CA_INPUTS, privateKeyPem: secret("MY SECRET") })).rejects.toThrow(
            /^privateKeyPem: is no private key in PEM form without a passphrase$/,
        );
    });

    test("what the stand-in does not do is refused by name", () => {
        const failures = (inputs: Properties) =>
            selfSigned.check({ ...CA_INPUTS, privateKeyPem: UNKNOWN, ...inputs }).failures;
        expect(failures({})).toEqual([]);
        expect(failures({ subject: { emailAddress: "a@example.com" } })).toMatchObject([
            { property: "subject.emailAddress" },
        ]);
        expect(failures({ privateKeyPemWo: secret("x") })).toMatchObject([{ property: "privateKeyPemWo" }]);
        expect(failures({ ipAddresses: ["10.0.0.1/24"] })).toMatchObject([{ property: "ipAddresses.0" }]);
        expect(failures({ allowedUses: ["certSigning"] })).toMatchObject([{ property: "allowedUses.0" }]);
    });

    describe("changes", async () => {
        const leaf = await leafFor({ subject: { commonName: "a" } });
        const inputs = {
            ...LEAF_INPUTS,
            ...caInputs,
            certRequestPem: text(leaf.outputs, "certRequestPem"),
        };
        const diff = (change: Properties) => locallySigned.diff(leaf.outputs, { ...inputs, ...change });

        test.each([
            ["nothing", {}, false, []],
            [
                "a default written out",
                { isCaCertificate: false, setSubjectKeyId: false, maxPathLength: -1 },
                false,
                [],
            ],
            ["the renewal alone", { earlyRenewalHours: 3 }, true, []],
            ["the renewal into its window", { earlyRenewalHours: 24 }, true, ["readyForRenewal"]],
            ["the life", { validityPeriodHours: 25 }, true, ["validityPeriodHours"]],
            ["the uses", { allowedUses: ["server_auth"] }, true, ["allowedUses"]],
            ["another CA, not known yet", { caCertPem: UNKNOWN }, true, ["caCertPem"]],
            ["another key, not known yet", { caPrivateKeyPem: secret(UNKNOWN) }, true, ["caPrivateKeyPem"]],
        ])("%s", (_name, change, changes, replaces) => {
            expect(diff(change)).toEqual({ changes, replaces });
        });

        test("the renewal alone keeps the certificate", async () => {
            const updated = await locallySigned.update(leaf.outputs, { ...inputs, earlyRenewalHours: 3 });
            expect(updated).toEqual({ ...leaf.outputs, earlyRenewalHours: 3 });
        });

        test("when its time has come a plan replaces it, and a refresh says so", () => {
            vi.useFakeTimers({ toFake: ["Date"] });
            onTestFinished(() => {
                vi.useRealTimers();
            });
            expect(locallySigned.read(leaf.outputs)).toMatchObject({ readyForRenewal: false });
            vi.setSystemTime(Date.now() + 23 * 3_600_000);
            expect(diff({})).toEqual({ changes: true, replaces: ["readyForRenewal"] });
            expect(locallySigned.read(leaf.outputs)).toMatchObject({ readyForRenewal: true });
        });
    });
});

function typeOf(token: string): ResourceType {
    const type = types[token];
    if (type === undefined) throw new Error(`there is no ${token}`);
    return type;
}

function text(properties: Properties, name: string): string {
    const value = reveal(properties[name]);
    if (typeof value !== "string") throw new Error(`${name} is no text`);
    return value;
}

async function keyPem(inputs: Properties = { algorithm: "ECDSA", ecdsaCurve: "P256" }): Promise<string> {
    return text((await privateKey.create(inputs)).outputs, "privateKeyPem");
}

function withoutSecrets(properties: Properties): Properties {
    return Object.fromEntries(Object.entries(properties).filter(([, value]) => !hasSecret(value)));
}

function extensionsOf(pem: string): [string, boolean][] {
    return new x509.X509Certificate(pem).extensions.map(({ type, critical }) => [type, critical]);
}

function keyUsage(pem: string): string | undefined {
    const extension = new x509.X509Certificate(pem).getExtension("2.5.29.15");
    return extension === null ? undefined : Buffer.from(extension.value).toString("hex");
}
