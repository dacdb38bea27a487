/* That every option of a description reaches the resources that carry it out. */
import { describe, expect, it } from "vitest";
import { COMMAND, RELEASE, SECRET, deployment, inputsOf, valuesOf, waitsFor } from "./every-option.ts";

describe("certificates", () => {
    const request = (name: string) => inputsOf("tls:index/certRequest:CertRequest", name);

    it("are made as the mesh and the cluster say", () => {
        const type = "multicluster:tls:ClusterCertificates";
        expect(inputsOf(type, "east-certificates")).toEqual({
            clusterName: "east",
            ciliumVersion: "1.19.6",
            authMode: "cluster",
            validityHours: 4_000,
            earlyRenewalHours: 400,
            hubble: { server: true, relay: true },
        });
        expect(inputsOf(type, "west-certificates")).toEqual({
            clusterName: "west",
            ciliumVersion: "1.18.11",
            authMode: "migration",
            validityHours: 4_000,
            earlyRenewalHours: 400,
            hubble: { server: true, relay: false },
        });
    });

    it("name the addresses at which peers reach the mesh API", () => {
        expect(request("east-certificates-server-request")["ipAddresses"]).toEqual([
            "127.0.0.1",
            "::1",
            "10.250.1.7",
        ]);
        expect(request("west-certificates-server-request")["ipAddresses"]).toEqual([
            "127.0.0.1",
            "::1",
            "192.168.20.11",
            "192.168.20.12",
            "192.168.20.13",
        ]);
    });

    it("name the server in every domain of the mesh", () => {
        for (const name of ["east", "west"]) {
            expect(request(`${name}-certificates-server-request`)["dnsNames"]).toEqual([
                "clustermesh-apiserver.cilium.io",
                "*.mesh.cilium.io",
                "clustermesh-apiserver.kube-system.svc",
                "*.mesh.example.net",
                "*.old.example.net",
            ]);
        }
    });

    it("name the cluster to its peers only where each is known by its name", () => {
        expect(request("east-certificates-remote-request")["subject"]).toEqual({ commonName: "remote-east" });
        expect(request("west-certificates-remote-request")["subject"]).toEqual({ commonName: "remote" });
    });

    it("live, and are renewed, as the mesh says, and are signed by its CA", () => {
        const signed = deployment.resources.filter(
            ({ type }) => type === "tls:index/locallySignedCert:LocallySignedCert",
        );
        expect(signed.map(({ name }) => name).sort()).toEqual([
            "east-certificates-admin-cert",
            "east-certificates-hubble-relay-cert",
            "east-certificates-hubble-server-cert",
            "east-certificates-local-cert",
            "east-certificates-remote-cert",
            "east-certificates-server-cert",
            "west-certificates-admin-cert",
            "west-certificates-hubble-server-cert",
            "west-certificates-local-cert",
            "west-certificates-remote-cert",
            "west-certificates-server-cert",
        ]);
        for (const { name, inputs } of signed) {
            expect(inputs).toEqual({
                certRequestPem: `[${name.replace(/cert$/, "request")}.certRequestPem]`,
                caCertPem: "[ca-cert.certPem]",
                caPrivateKeyPem: "[ca-key.privateKeyPem]",
                allowedUses: inputs["allowedUses"],
                validityPeriodHours: 4_000,
                earlyRenewalHours: 400,
            });
        }
    });
});

describe("Cilium", () => {
    it("comes from the chart that the mesh names, in the cluster's version", () => {
        const source = { chart: "oci://quay.io/cilium/charts/cilium" };
        expect(inputsOf(RELEASE, "east-cilium-chart")).toMatchObject({ ...source, version: "1.19.6" });
        expect(inputsOf(RELEASE, "west-cilium-chart")).toMatchObject({ ...source, version: "1.18.11" });
    });

    it("knows its place in the mesh, and its peers", () => {
        const tls = { auto: { enabled: false }, enableSecrets: false };
        const east = valuesOf("east-cilium-chart");
        expect(east["cluster"]).toEqual({ name: "east", id: 301 });
        expect(east["clustermesh"]).toEqual({
            useAPIServer: true,
            maxConnectedClusters: 511,
            enableEndpointSliceSynchronization: false,
            mcsapi: { enabled: true },
            policyDefaultLocalCluster: true,
            config: {
                enabled: true,
                domain: "mesh.example.net",
                clusters: [
                    {
                        name: "west",
                        ips: ["192.168.20.11", "192.168.20.12", "192.168.20.13"],
                        port: 32_001,
                    },
                ],
            },
            apiserver: {
                replicas: 2,
                podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
                topologySpreadConstraints: [
                    {
                        maxSkew: 1,
                        topologyKey: "kubernetes.io/hostname",
                        whenUnsatisfiable: "ScheduleAnyway",
                    },
                ],
                service: {
                    type: "LoadBalancer",
                    annotations: { "metallb.io/loadBalancerIPs": "10.250.1.7" },
                    loadBalancerClass: "metallb.io/metallb",
                    externalTrafficPolicy: "Cluster",
                },
                tls: { ...tls, authMode: "cluster" },
            },
        });
        const west = valuesOf("west-cilium-chart");
        expect(west["cluster"]).toEqual({ name: "west", id: 302 });
        expect(west["clustermesh"]).toEqual({
            useAPIServer: true,
            maxConnectedClusters: 511,
            enableEndpointSliceSynchronization: false,
            enableMCSAPISupport: false,
            policyDefaultLocalCluster: true,
            config: {
                enabled: true,
                domain: "mesh.example.net",
                clusters: [{ name: "east", address: "10.250.1.7", port: 2379 }],
            },
            apiserver: {
                replicas: 1,
                service: { type: "NodePort", nodePort: 32_001, externalTrafficPolicy: "Cluster" },
                tls: { ...tls, authMode: "migration" },
            },
        });
    });

    it("speaks the families of the cluster's pods, through the tunnel that the mesh names", () => {
        for (const name of ["east", "west"]) {
            expect(valuesOf(`${name}-cilium-chart`)).toMatchObject({
                ipv4: { enabled: true },
                ipv6: { enabled: true },
                routingMode: "tunnel",
                tunnelProtocol: "geneve",
            });
        }
    });

    it("has Hubble under the cluster's domain, and the relay where it is on", () => {
        const on = {
            enabled: true,
            tls: { auto: { enabled: false }, server: { existingSecret: "hubble-server-certs" } },
        };
        expect(valuesOf("east-cilium-chart")["hubble"]).toEqual({
            ...on,
            peerService: { clusterDomain: "east.example" },
            relay: {
                enabled: true,
                rollOutPods: true,
                tls: { client: { existingSecret: "hubble-relay-client-certs" } },
            },
        });
        expect(valuesOf("west-cilium-chart")["hubble"]).toEqual({
            ...on,
            peerService: { clusterDomain: "west.example" },
        });
    });

    it("encrypts by IPsec with the key of the configuration, which is no value of the chart", () => {
        for (const name of ["east", "west"]) {
            expect(valuesOf(`${name}-cilium-chart`)["encryption"]).toEqual({
                enabled: true,
                type: "ipsec",
                ipsec: { secretName: "cilium-ipsec-keys", keyFile: "keys" },
            });
            const key = deployment.one(SECRET, `${name}-cilium-ipsec-keys`);
            expect(key.inputs).toEqual({
                apiVersion: "v1",
                kind: "Secret",
                metadata: { name: "cilium-ipsec-keys", namespace: "kube-system" },
                stringData: { keys: "<secret ipsecKey>" },
            });
            expect(key.secretPaths).toEqual(["stringData"]);
        }
    });

    it("waits for every certificate, for its key and for every node", () => {
        expect(waitsFor(deployment.one(RELEASE, "east-cilium-chart"))).toEqual([
            "east-certificates-admin",
            "east-certificates-hubble-relay",
            "east-certificates-hubble-server",
            "east-certificates-local",
            "east-certificates-remote",
            "east-certificates-server",
            "east-cilium-ipsec-keys",
            "east-east-1-install",
            "east-east-2-install",
            "east-members",
        ]);
        expect(waitsFor(deployment.one(RELEASE, "west-cilium-chart"))).toEqual([
            "west-certificates-admin",
            "west-certificates-hubble-server",
            "west-certificates-local",
            "west-certificates-remote",
            "west-certificates-server",
            "west-cilium-ipsec-keys",
            "west-members",
            "west-west-1-install",
            "west-west-2-install",
            "west-west-3-install",
        ]);
    });

    it("is waited for on the first server", () => {
        for (const name of ["east", "west"])
            expect(waitsFor(deployment.one(COMMAND, `${name}-cilium-ready`))).toEqual([
                `${name}-cilium-chart`,
            ]);
    });
});
