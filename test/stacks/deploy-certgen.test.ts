/* That certificates which certgen makes in the clusters have what they need there, and that this program makes none beside. */
import { describe, expect, it } from "vitest";

import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import { INTERMEDIATE, ROOT } from "../support/certificates.ts";
import { existingCluster } from "../support/existing.ts";
import { twoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";

function meshWith(
    certificates: NonNullable<MeshDescription["certificates"]>,
    version?: string,
): Promise<Deployment> {
    const mesh = { ...twoClusters(), certificates: { method: "certgen" as const, ...certificates } };
    if (version !== undefined) mesh.cilium.version = version;
    mesh.clusters.east.cilium = { hubble: { enabled: true, relay: true } };
    mesh.clusters["north"] = existingCluster(3);
    return deployed(mesh);
}

// One after the other: the runtime is one per process.
const made = await meshWith({ leafValidityHours: 4_800 });
const brought = await meshWith({
    ca: { certificate: `${INTERMEDIATE}${ROOT}`, privateKey: fromConfig("meshCaKey") },
});
const before = await meshWith({}, "1.18.11");

describe("certgen", () => {
    it("finds the CA and its key in every cluster, and nothing that it would make itself", () => {
        const secrets = made.resources.filter(({ type }) => type === SECRET);
        expect(secrets.map(({ name }) => name).sort()).toEqual(["east-ca", "north-ca", "west-ca"]);
        for (const { inputs } of secrets) {
            expect(inputs).toMatchObject({
                metadata: { name: "cilium-ca", namespace: "kube-system" },
                stringData: { "ca.crt": "[ca-cert.certPem]", "ca.key": "[ca-key.privateKeyPem]" },
            });
        }
        const types = new Set(made.resources.map(({ type }) => type));
        expect(types).not.toContain("tls:index/locallySignedCert:LocallySignedCert");
        expect(types).not.toContain("multicluster:tls:ClusterCertificates");
    });

    it.each(["east", "west", "north"])("has the key as a secret, in %s and before the chart", (name) => {
        const ca = made.one(SECRET, `${name}-ca`);
        expect(ca.secretPaths).toEqual(["stringData"]);
        expect(made.one(RELEASE, `${name}-cilium-chart`).dependsOn).toContain(ca.urn);
    });

    it("is told how long, when, and for which addresses, and no key", () => {
        const { values } = made.one(RELEASE, "west-cilium-chart").inputs;
        expect(values).toMatchObject({
            certgen: { generateCA: false },
            clustermesh: {
                apiserver: {
                    tls: {
                        auto: {
                            enabled: true,
                            method: "cronJob",
                            certValidityDuration: 200,
                            schedule: "0 0 2 * *",
                        },
                        server: { extraIpAddresses: ["192.168.20.200"] },
                    },
                },
            },
        });
        expect(JSON.stringify(values)).not.toMatch(/privateKeyPem|certPem|BEGIN/);
    });

    it("signs with a CA that is brought, and shows those above it", () => {
        const { inputs, secretPaths } = brought.one(SECRET, "east-ca");
        expect(inputs["stringData"]).toEqual({
            "ca.crt": `${INTERMEDIATE}${ROOT}`,
            "ca.key": "<secret meshCaKey>",
        });
        expect(secretPaths).toEqual(["stringData"]);
    });

    it("is waited for by Helm up to Cilium 1.18, as long as a network takes", () => {
        expect(before.one(RELEASE, "east-cilium-chart").inputs).toMatchObject({
            skipAwait: true,
            timeout: 900,
        });
        expect(made.one(RELEASE, "east-cilium-chart").inputs).not.toHaveProperty("timeout");
    });

    it("shows on its cluster, which cannot change to it or from it", () => {
        expect(made.one("multicluster:mesh:Cluster", "east").inputs).toMatchObject({ certgen: true });
    });
});

it("is not there where nobody asks for it", async () => {
    const plain = await deployed({ ...twoClusters(), certificates: { method: "pulumi" } });
    expect(plain.resources).toEqual((await deployed(twoClusters())).resources);
    expect(JSON.stringify(plain.resources)).not.toMatch(/certgen|cilium-ca/);
});
