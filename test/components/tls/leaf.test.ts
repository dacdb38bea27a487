import { describe, expect, it } from "vitest";

import { leavesOf, type Leaf, type LeavesArgs } from "../../../components/tls/leaf.ts";

const ARGS: LeavesArgs = {
    clusterName: "east",
    ciliumVersion: "1.19.6",
    authMode: "migration",
    namespace: "kube-system",
    hubble: { server: false, relay: false },
};

const CLIENT = ["digital_signature", "client_auth"];
const SERVER = ["digital_signature", "server_auth", "client_auth"];

const OLD_SERVER: Leaf = {
    name: "server",
    keyName: "mesh-api",
    secretName: "clustermesh-apiserver-server-cert",
    commonName: "clustermesh-apiserver.cilium.io",
    dnsNames: [
        "clustermesh-apiserver.cilium.io",
        "*.mesh.cilium.io",
        "clustermesh-apiserver.kube-system.svc",
    ],
    ipAddresses: ["127.0.0.1", "::1"],
    uses: SERVER,
};

const NEW_SERVER: Leaf = {
    ...OLD_SERVER,
    commonName: "clustermesh-apiserver.kube-system.svc",
    dnsNames: ["*.mesh.cilium.io", "clustermesh-apiserver.kube-system.svc"],
};

function client(name: "admin" | "remote" | "local", commonName: string): Leaf {
    return {
        name,
        keyName: name === "admin" ? "mesh-api" : name,
        secretName: `clustermesh-apiserver-${name}-cert`,
        commonName,
        dnsNames: [],
        ipAddresses: [],
        uses: CLIENT,
    };
}

describe("leavesOf", () => {
    it.each([
        ["1.16.19", OLD_SERVER],
        ["1.17.18", OLD_SERVER],
        ["1.18.12", OLD_SERVER],
        ["1.19.6", OLD_SERVER],
        ["1.20.2", NEW_SERVER],
    ])("names the mesh API's certificates as the chart of %s does", (ciliumVersion, server) => {
        expect(leavesOf({ ...ARGS, ciliumVersion })).toEqual([
            server,
            client("admin", "admin-east"),
            client("remote", "remote"),
            client("local", "local-east"),
        ]);
    });

    it.each([
        ["legacy", "remote"],
        ["migration", "remote"],
        ["cluster", "remote-east"],
    ] as const)("in %s mode tells remote clusters apart by %s", (authMode, commonName) => {
        expect(leavesOf({ ...ARGS, authMode })[2]).toEqual(client("remote", commonName));
    });

    it("adds further names and addresses to the server's own", () => {
        const extraServerNames = {
            dnsNames: ["mesh.east.example.net"],
            ipAddresses: ["192.168.10.200", "fd00::1"],
        };
        expect(leavesOf({ ...ARGS, extraServerNames })[0]).toEqual({
            ...OLD_SERVER,
            dnsNames: [...OLD_SERVER.dnsNames, "mesh.east.example.net"],
            ipAddresses: ["127.0.0.1", "::1", "192.168.10.200", "fd00::1"],
        });
    });

    it("takes the service's name from the namespace", () => {
        expect(leavesOf({ ...ARGS, namespace: "cilium" })[0]?.dnsNames).toContain(
            "clustermesh-apiserver.cilium.svc",
        );
    });

    it("makes Hubble's certificates only where they are asked for", () => {
        const server: Leaf = {
            name: "hubble-server",
            keyName: "hubble-server",
            secretName: "hubble-server-certs",
            commonName: "*.east.hubble-grpc.cilium.io",
            dnsNames: ["*.east.hubble-grpc.cilium.io"],
            ipAddresses: [],
            uses: SERVER,
        };
        const relay: Leaf = {
            name: "hubble-relay",
            keyName: "hubble-relay",
            secretName: "hubble-relay-client-certs",
            commonName: "*.hubble-relay.cilium.io",
            dnsNames: ["*.hubble-relay.cilium.io"],
            ipAddresses: [],
            uses: CLIENT,
        };
        expect(leavesOf({ ...ARGS, hubble: { server: true, relay: false } }).slice(4)).toEqual([server]);
        expect(leavesOf({ ...ARGS, hubble: { server: true, relay: true } }).slice(4)).toEqual([
            server,
            relay,
        ]);
    });

    it("makes those of Hubble's other parts only where they are asked for", () => {
        const parts = { server: true, relay: true, relayServer: true, ui: true, metrics: true };
        const leaf = (name: "hubble-relay-server" | "hubble-ui" | "hubble-metrics", of: Partial<Leaf>) => ({
            name,
            keyName: name,
            dnsNames: [of.commonName],
            ipAddresses: [],
            ...of,
        });
        expect(leavesOf({ ...ARGS, hubble: parts }).slice(6)).toEqual([
            leaf("hubble-relay-server", {
                secretName: "hubble-relay-server-certs",
                commonName: "*.hubble-relay.cilium.io",
                uses: SERVER,
            }),
            leaf("hubble-ui", {
                secretName: "hubble-ui-client-certs",
                commonName: "*.hubble-ui.cilium.io",
                uses: CLIENT,
            }),
            leaf("hubble-metrics", {
                secretName: "hubble-metrics-server-certs",
                commonName: "east.hubble-metrics.cilium.io",
                uses: SERVER,
            }),
        ]);
    });
});
