import { describe, expect, test } from "vitest";
import { parse } from "yaml";

import { configYaml, nodeConfig, type ConfiguredCluster } from "../../../components/rke2/config.ts";

const CLUSTER: ConfiguredCluster = {
    podCidrs: ["10.10.0.0/16"],
    serviceCidrs: ["10.11.0.0/16"],
    clusterDomain: "cluster.local",
    apiAddress: "api.east.example.net",
    config: {},
};
const NODE = { name: "east-1", addresses: ["192.168.10.11"] };

const SERVER = {
    "node-name": "east-1",
    "node-ip": "192.168.10.11",
    "token-file": "/etc/rancher/rke2/token",
    cni: "none",
    "disable-kube-proxy": true,
    "ingress-controller": "none",
    "cluster-cidr": "10.10.0.0/16",
    "service-cidr": "10.11.0.0/16",
    "cluster-domain": "cluster.local",
    "tls-san": ["api.east.example.net", "192.168.10.11"],
    "write-kubeconfig-mode": "0600",
};

describe("the config.yaml of", () => {
    test("the first server names no server to register at", () => {
        expect(nodeConfig("first", NODE, CLUSTER)).toEqual(SERVER);
    });

    test("another server differs only in where it registers", () => {
        expect(nodeConfig("server", NODE, CLUSTER)).toEqual({
            ...SERVER,
            server: "https://api.east.example.net:9345",
        });
    });

    test("an agent holds nothing that only servers know", () => {
        expect(nodeConfig("agent", NODE, CLUSTER)).toEqual({
            "node-name": "east-1",
            "node-ip": "192.168.10.11",
            "token-file": "/etc/rancher/rke2/token",
            server: "https://api.east.example.net:9345",
        });
    });

    test("a dual-stack server has both families, IPv4 first, and the API's IPv6 address in brackets", () => {
        const config = nodeConfig(
            "server",
            { name: "east-1", addresses: ["192.168.10.11", "fd00:10::11"] },
            {
                ...CLUSTER,
                podCidrs: ["10.10.0.0/16", "fd00:100::/56"],
                serviceCidrs: ["10.11.0.0/16", "fd00:101::/112"],
                apiAddress: "fd00:10::1",
            },
        );
        expect(config).toEqual({
            ...SERVER,
            server: "https://[fd00:10::1]:9345",
            "node-ip": "192.168.10.11,fd00:10::11",
            "cluster-cidr": "10.10.0.0/16,fd00:100::/56",
            "service-cidr": "10.11.0.0/16,fd00:101::/112",
            "tls-san": ["fd00:10::1", "192.168.10.11", "fd00:10::11"],
        });
    });
});

test("an API address that is a server's is named once in its certificate", () => {
    const config = nodeConfig("first", NODE, { ...CLUSTER, apiAddress: "192.168.10.11" });
    expect(config["tls-san"]).toEqual(["192.168.10.11"]);
});

test("labels and taints are sorted: another order would restart the node for nothing", () => {
    const config = nodeConfig(
        "agent",
        {
            ...NODE,
            labels: { "topology.kubernetes.io/zone": "b", disk: "ssd" },
            taints: [
                { key: "role", value: "db", effect: "NoSchedule" },
                { key: "edge", effect: "NoExecute" },
            ],
        },
        CLUSTER,
    );
    expect(config["node-label"]).toEqual(["disk=ssd", "topology.kubernetes.io/zone=b"]);
    expect(config["node-taint"]).toEqual(["edge:NoExecute", "role=db:NoSchedule"]);
});

describe("a user's keys", () => {
    const config = {
        profile: "cis",
        "kubelet-arg": ["max-pods=200"],
        "ingress-controller": "traefik",
        "etcd-snapshot-retention": 10,
        "tls-san": ["east.example.org"],
    };

    test("are on servers, where tls-san adds to the names that must be there", () => {
        expect(nodeConfig("first", NODE, { ...CLUSTER, config })).toEqual({
            ...SERVER,
            ...config,
            "tls-san": [...SERVER["tls-san"], "east.example.org"],
        });
    });

    test("are on agents only if agents know them", () => {
        expect(nodeConfig("agent", NODE, { ...CLUSTER, config })).toEqual({
            "node-name": "east-1",
            "node-ip": "192.168.10.11",
            "token-file": "/etc/rancher/rke2/token",
            server: "https://api.east.example.net:9345",
            profile: "cis",
            "kubelet-arg": ["max-pods=200"],
        });
    });

    test("may be one name for tls-san", () => {
        const { "tls-san": names } = nodeConfig("first", NODE, {
            ...CLUSTER,
            config: { "tls-san": "x.org" },
        });
        expect(names).toEqual([...SERVER["tls-san"], "x.org"]);
    });
});

describe("the text of config.yaml", () => {
    test("has sorted keys and every string in quotes, on one line", () => {
        const long = `feature-gates=${"A=true,".repeat(40)}`;
        expect(
            configYaml({ "write-kubeconfig-mode": "0600", "kubelet-arg": [long], debug: true, v: 3 }),
        ).toBe(`debug: true\nkubelet-arg:\n  - "${long}"\nv: 3\nwrite-kubeconfig-mode: "0600"\n`);
    });

    test("does not depend on the order of keys", () => {
        const reversed = Object.fromEntries(Object.entries(SERVER).reverse());
        expect(configYaml(reversed)).toBe(configYaml(SERVER));
    });

    test.each(["1.1", "1.2"] as const)("is read as it was meant by YAML %s", (version) => {
        const config = {
            a: "on",
            b: "0600",
            c: "1:30",
            d: "null",
            e: "1e3",
            f: ["~", "no"],
            g: false,
            h: 'a "b"\nc',
        };
        expect(parse(configYaml(config), { version })).toEqual(config);
    });
});
