/* What this does not show: whether etcd, Cilium and Hubble accept the certificates. Their names come from the charts. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import {
    ClusterCertificates,
    type ClusterCertificatesArgs,
} from "../../../components/tls/cluster-certificates.ts";
import { record, type RecordedResource } from "../../../plan/record.ts";
import { refusalOf } from "./refusal.ts";

const STACK = { project: "multicluster", stack: "test" } as const;

const ARGS: ClusterCertificatesArgs = {
    clusterName: "east",
    ciliumVersion: "1.19.6",
    authMode: "migration",
    // Not marked as a secret on purpose: the component must do that itself.
    ca: { certPem: "<ca>", privateKeyPem: "<ca key>" },
    validityHours: 8_760,
    earlyRenewalHours: 2_160,
    hubble: { server: false, relay: false },
};

async function run(args: ClusterCertificatesArgs, opts?: () => pulumi.ComponentResourceOptions) {
    const { resources, outputs } = await record(
        () => new ClusterCertificates("east-certs", args, opts?.()),
        STACK,
    );
    const find = (name: string): RecordedResource => {
        const found = resources.find((resource) => resource.name === name);
        if (found === undefined) throw new Error(`nothing is named ${name}`);
        return found;
    };
    return { resources, certificates: outputs, find };
}

/** The server and the admin are the mesh API's own; whoever reads one Secret reads the other. */
function keyOf(leaf: string): string {
    return leaf === "server" || leaf === "admin" ? "mesh-api" : leaf;
}

describe("ClusterCertificates", () => {
    it("makes a request, a certificate and a Secret for each of four, and a key for each place they are mounted", async () => {
        const { resources } = await run(ARGS);
        expect(resources).toHaveLength(16);
        expect(resources.map(({ name }) => name).sort()).toEqual(
            [
                "east-certs",
                ...["server", "admin", "remote", "local"].flatMap((leaf) =>
                    ["", "-request", "-cert"].map((part) => `east-certs-${leaf}${part}`),
                ),
                ...["mesh-api", "remote", "local"].map((place) => `east-certs-${place}-key`),
            ].sort(),
        );
        const [component, ...children] = resources;
        expect(component?.inputs).toEqual({
            clusterName: "east",
            ciliumVersion: "1.19.6",
            authMode: "migration",
            validityHours: 8_760,
            earlyRenewalHours: 2_160,
            hubble: { server: false, relay: false },
        });
        expect(new Set(children.map(({ parent }) => parent))).toEqual(new Set([component?.urn]));
        expect(resources.filter(({ protect }) => protect)).toEqual([]);
    });

    it("signs the server's certificate for its names and addresses", async () => {
        const { find } = await run({
            ...ARGS,
            extraServerNames: { ipAddresses: ["192.168.10.200"] },
        });
        expect(find("east-certs-mesh-api-key")).toMatchObject({
            type: "tls:index/privateKey:PrivateKey",
            inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" },
        });
        expect(find("east-certs-server-request")).toMatchObject({
            type: "tls:index/certRequest:CertRequest",
            secretPaths: ["privateKeyPem"],
        });
        expect(find("east-certs-server-request").inputs).toEqual({
            privateKeyPem: "[east-certs-mesh-api-key.privateKeyPem]",
            subject: { commonName: "clustermesh-apiserver.cilium.io" },
            dnsNames: [
                "clustermesh-apiserver.cilium.io",
                "*.mesh.cilium.io",
                "clustermesh-apiserver.kube-system.svc",
            ],
            ipAddresses: ["127.0.0.1", "::1", "192.168.10.200"],
        });
        expect(find("east-certs-server-cert")).toMatchObject({
            type: "tls:index/locallySignedCert:LocallySignedCert",
            secretPaths: ["caPrivateKeyPem"],
        });
        expect(find("east-certs-server-cert").inputs).toEqual({
            certRequestPem: "[east-certs-server-request.certRequestPem]",
            caCertPem: "<ca>",
            caPrivateKeyPem: "<ca key>",
            allowedUses: ["digital_signature", "server_auth", "client_auth"],
            validityPeriodHours: 8_760,
            earlyRenewalHours: 2_160,
        });
    });

    it("writes no names into a client's request", async () => {
        const { find } = await run(ARGS);
        expect(find("east-certs-local-request").inputs).toEqual({
            privateKeyPem: "[east-certs-local-key.privateKeyPem]",
            subject: { commonName: "local-east" },
        });
        expect(find("east-certs-local-cert").inputs["allowedUses"]).toEqual([
            "digital_signature",
            "client_auth",
        ]);
    });

    it.each(["server", "admin", "remote", "local"])(
        "keeps the %s certificate, its key and the CA's certificate in the Secret that the chart mounts",
        async (leaf) => {
            const { find } = await run(ARGS);
            const secret = find(`east-certs-${leaf}`);
            expect(secret.type).toBe("kubernetes:core/v1:Secret");
            expect(secret.inputs).toEqual({
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: `clustermesh-apiserver-${leaf}-cert`, namespace: "kube-system" },
                type: "kubernetes.io/tls",
                stringData: {
                    "ca.crt": "<ca>",
                    "tls.crt": `[east-certs-${leaf}-cert.certPem]`,
                    "tls.key": `[east-certs-${keyOf(leaf)}-key.privateKeyPem]`,
                },
            });
            // The SDK marks all of stringData, whatever is in it.
            expect(secret.secretPaths).toEqual(["stringData"]);
        },
    );

    it("never writes the CA's key into the cluster", async () => {
        const { resources } = await run({ ...ARGS, hubble: { server: true, relay: true } });
        const holders = resources.filter(({ inputs }) => JSON.stringify(inputs).includes("<ca key>"));
        expect(new Set(holders.map(({ type }) => type))).toEqual(
            new Set(["tls:index/locallySignedCert:LocallySignedCert"]),
        );
    });

    it("adds Hubble's certificates by its flags", async () => {
        const server = await run({ ...ARGS, hubble: { server: true, relay: false } });
        expect(server.resources).toHaveLength(20);
        expect(server.find("east-certs-hubble-server").inputs["metadata"]).toEqual({
            name: "hubble-server-certs",
            namespace: "kube-system",
        });
        const both = await run({ ...ARGS, hubble: { server: true, relay: true } });
        expect(both.resources).toHaveLength(24);
        expect(both.find("east-certs-hubble-relay").inputs["metadata"]).toEqual({
            name: "hubble-relay-client-certs",
            namespace: "kube-system",
        });
    });

    it("follows Cilium's version and the mode of authentication", async () => {
        const { find } = await run({ ...ARGS, ciliumVersion: "1.20.2", authMode: "cluster" });
        expect(find("east-certs-server-request").inputs["subject"]).toEqual({
            commonName: "clustermesh-apiserver.kube-system.svc",
        });
        expect(find("east-certs-remote-request").inputs["subject"]).toEqual({ commonName: "remote-east" });
    });

    it("puts the Secrets where Cilium runs", async () => {
        const { find } = await run({ ...ARGS, namespace: "cilium" });
        expect(find("east-certs-server").inputs["metadata"]).toEqual({
            name: "clustermesh-apiserver-server-cert",
            namespace: "cilium",
        });
    });

    it("hands on the Secrets and what they certify, in one order", async () => {
        const { certificates } = await run(ARGS);
        expect(certificates.leaves.map(({ name }) => name)).toEqual(["server", "admin", "remote", "local"]);
        expect(certificates.secrets).toHaveLength(4);
        for (const secret of certificates.secrets) expect(secret).toBeInstanceOf(kubernetes.core.v1.Secret);
    });

    it("makes the Secrets with the cluster's own provider", async () => {
        const { find } = await run(ARGS, () => ({
            providers: { kubernetes: new kubernetes.Provider("east", { kubeconfig: "{}" }) },
        }));
        expect(find("east-certs-admin").provider).toBe(find("east").urn);
        expect(find("east-certs-mesh-api-key").provider).toBeUndefined();
    });

    it("refuses everything that is wrong at once, before anything is registered", async () => {
        const wrong = {
            ...ARGS,
            clusterName: "",
            ciliumVersion: "v1.19",
            validityHours: 24,
            earlyRenewalHours: 24,
            namespace: "n".repeat(63),
        };
        expect(await refusalOf(() => new ClusterCertificates("c", wrong))).toBe(
            [
                "ClusterCertificates c: 3 problems",
                "✖ clusterName",
                "    must not be empty",
                "    fix: name the cluster as the mesh does",
                '✖ ciliumVersion = "v1.19"',
                "    must be a full version of Cilium 1.16 to 1.20: it decides the names in the certificates",
                '    fix: write it as "1.19.6"',
                "✖ earlyRenewalHours = 24",
                "    must be less than validityHours (24): every up would renew every certificate",
                "    fix: shorten it",
            ].join("\n"),
        );
    });

    it.each([
        [
            { ciliumVersion: "1.21.0" },
            '✖ ciliumVersion = "1.21.0"\n    must be a full version of Cilium 1.16 to 1.20: it decides the names in the certificates\n    fix: write it as "1.19.6"',
        ],
        [
            { validityHours: 10.5, earlyRenewalHours: 1 },
            "✖ validityHours = 10.5\n    must be a whole number of hours, at least 1\n    fix: write it in hours: 8760 are a year",
        ],
        [
            { earlyRenewalHours: -1 },
            "✖ earlyRenewalHours = -1\n    must be a whole number of hours, at least 0\n    fix: write it in hours: 8760 are a year",
        ],
        [
            { ciliumVersion: "1.20.2", namespace: "n".repeat(63) },
            `✖ the certificate server\n    makes the common name "clustermesh-apiserver.${"n".repeat(63)}.svc", which has 89 characters; a certificate holds 64\n    fix: shorten it by 25`,
        ],
    ])("refuses %j", async (wrong, problem) => {
        const message = await refusalOf(() => new ClusterCertificates("c", { ...ARGS, ...wrong }));
        expect(message).toBe(`ClusterCertificates c: 1 problem\n${problem}`);
    });
});
