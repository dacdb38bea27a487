/* That each step of a rotation reaches everything that has to do with it, and what a CA that is brought becomes. */
import { X509Certificate } from "node:crypto";

import { describe, expect, it } from "vitest";

import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import { INTERMEDIATE, OTHER_ROOT, ROOT } from "../support/certificates.ts";
import { twoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";

const HUBBLE = { enabled: true, relay: true, ui: true, relayTls: true, metrics: ["dns"], metricsTls: true };

function meshWith(certificates: NonNullable<MeshDescription["certificates"]>): Promise<Deployment> {
    const mesh = { ...twoClusters(), certificates };
    mesh.clusters.east.cilium = { hubble: HUBBLE, mcsApi: true };
    return deployed(mesh);
}

// One after the other: the runtime is one per process.
const plain = await meshWith({});
const trusting = await meshWith({ nextCa: "trusted" });
const signing = await meshWith({ nextCa: "signing" });
const ended = await meshWith({ caGeneration: 2 });

const fingerprintOf = (pem: string) =>
    new X509Certificate(pem).fingerprint256.replaceAll(":", "").toLowerCase();
const text = (value: unknown) => JSON.stringify(value);

function gateOf(deployment: Deployment, name: string) {
    const { stdin } = deployment.one("command:remote:Command", name).inputs;
    const variable = (key: string) =>
        typeof stdin === "string" ? new RegExp(`^${key}='([^']*)'$`, "m").exec(stdin)?.[1] : undefined;
    return { after: variable("AFTER"), conditions: variable("CONDITIONS")?.split("\n") };
}

describe.each([
    ["nextCa: trusted", trusting, ["ca-cert", "ca-2-cert"], "ca", "1 2", "1"],
    ["nextCa: signing", signing, ["ca-cert", "ca-2-cert"], "ca-2", "1 2", "2"],
    ["caGeneration: 2", ended, ["ca-2-cert"], "ca-2", "2", "2"],
] as const)("with %s", (_, deployment, trusted, signer, trustedCas, signingCa) => {
    it("every certificate is signed by the CA whose turn it is, and comes with all that are trusted", () => {
        const { resources } = deployment;
        const signed = resources.filter(
            ({ type }) => type === "tls:index/locallySignedCert:LocallySignedCert",
        );
        expect(signed).toHaveLength(13);
        for (const { inputs } of signed) {
            expect(inputs).toMatchObject({
                caCertPem: `[${signer}-cert.certPem]`,
                caPrivateKeyPem: `[${signer}-key.privateKeyPem]`,
            });
        }
        const secrets = resources.filter(({ type }) => type === "kubernetes:core/v1:Secret");
        expect(secrets).toHaveLength(13);
        for (const { inputs } of secrets) {
            expect(inputs["stringData"]).toMatchObject({
                "ca.crt":
                    trusted.length === 1
                        ? `[${trusted[0]}.certPem]`
                        : trusted.map((name) => `[${name}.certPem]\n`).join(""),
            });
        }
    });

    it("what reads only once whom to trust carries it, and is replaced with it", () => {
        const release = (name: string) =>
            deployment.one("kubernetes:helm.sh/v3:Release", `${name}-cilium-chart`).inputs;
        const podAnnotations = { "multicluster/trusted-cas": trustedCas };
        expect(release("east")["values"]).toMatchObject({
            podAnnotations,
            operator: { podAnnotations },
            clustermesh: {
                apiserver: { podAnnotations: { ...podAnnotations, "multicluster/signing-ca": signingCa } },
            },
            hubble: { relay: { podAnnotations }, ui: { podAnnotations } },
        });
        // The operator of the other cluster asks no other cluster.
        expect(text(release("west")["values"]).match(/podAnnotations/g)).toHaveLength(2);
    });

    it("the gates wait until all of that is replaced", () => {
        const rollouts = (name: string) =>
            gateOf(deployment, name).conditions?.filter((condition) => condition.startsWith("rollout "));
        expect(rollouts("east-mesh-api-ready")).toEqual([
            "rollout deployment kube-system clustermesh-apiserver",
            "rollout deployment kube-system hubble-relay",
        ]);
        expect(rollouts("west-mesh-api-ready")).toEqual([
            "rollout deployment kube-system clustermesh-apiserver",
        ]);
        expect(rollouts("west-cilium-ready")).toEqual([
            "rollout daemonset kube-system cilium",
            "rollout deployment kube-system cilium-operator",
        ]);
    });
});

it("asks every gate again in each step", () => {
    for (const gate of ["east-mesh-api-ready", "west-mesh-api-ready", "west-cilium-ready"]) {
        const asked = [plain, trusting, signing, ended].map((step) => gateOf(step, gate).after);
        expect(new Set(asked).size).toBe(4);
    }
});

it("says nothing of all that in a mesh that has its first CA", () => {
    expect(text(plain.resources)).not.toMatch(
        /trusted-cas|signing-ca|rollout deployment kube-system clustermesh/,
    );
    expect(plain.one("multicluster:tls:SharedCa", "ca").inputs).toEqual({
        meshName: "test",
        validityHours: 87_600,
    });
});

it("signs with a CA that is brought, whose key stays here, and makes none", async () => {
    const deployment = await meshWith({
        ca: { certificate: `${INTERMEDIATE}${ROOT}`, privateKey: fromConfig("meshCaKey") },
    });
    const names = deployment.resources.map(({ name }) => name);
    expect(names.filter((name) => /^ca-/.test(name))).toEqual([]);
    expect(
        deployment.one("tls:index/locallySignedCert:LocallySignedCert", "east-certificates-server-cert"),
    ).toMatchObject({
        inputs: { caCertPem: INTERMEDIATE, caPrivateKeyPem: "<secret meshCaKey>" },
        secretPaths: ["caPrivateKeyPem"],
    });
    expect(
        deployment.one("kubernetes:core/v1:Secret", "east-certificates-server").inputs["stringData"],
    ).toEqual({
        "ca.crt": ROOT,
        "tls.crt": `[east-certificates-server-cert.certPem]${INTERMEDIATE}`,
        "tls.key": "[east-certificates-mesh-api-key.privateKeyPem]",
    });
    const holders = deployment.resources.filter(({ inputs }) => text(inputs).includes("<secret meshCaKey>"));
    expect(new Set(holders.map(({ type }) => type))).toEqual(
        new Set(["tls:index/locallySignedCert:LocallySignedCert"]),
    );
});

it("rotates from one CA that is brought to another", async () => {
    const deployment = await meshWith({
        ca: { certificate: ROOT, privateKey: fromConfig("oldKey") },
        nextCa: "signing",
        nextCaFrom: { certificate: OTHER_ROOT, privateKeyFile: "new.key" },
    });
    expect(deployment.one("multicluster:tls:SharedCa", "ca").inputs).toEqual({
        meshName: "test",
        validityHours: 87_600,
        next: "signing",
        trust: fingerprintOf(ROOT),
        nextTrust: fingerprintOf(OTHER_ROOT),
    });
    expect(
        deployment.one("tls:index/locallySignedCert:LocallySignedCert", "west-certificates-remote-cert")
            .inputs,
    ).toMatchObject({ caCertPem: OTHER_ROOT, caPrivateKeyPem: "<secret new.key>" });
    expect(
        deployment.one("kubernetes:core/v1:Secret", "west-certificates-remote").inputs["stringData"],
    ).toMatchObject({ "ca.crt": `${ROOT}${OTHER_ROOT}` });
});
