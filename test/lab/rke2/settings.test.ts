import { expect, test } from "vitest";

import { configYaml, nodeConfig } from "../../../components/rke2/config.ts";
import { mergeConfigs, parseConfig } from "./config-file.ts";
import { criticalConfig, mismatches } from "./protocol.ts";
import { agentSettings, serverSettings } from "./settings.ts";

const HOST = { name: "east-1", address: "10.88.1.11" };
const FILE = "/etc/rancher/rke2/config.yaml";

function server(text: string) {
    return serverSettings(parseConfig(FILE, text), HOST);
}

function agent(text: string) {
    return agentSettings(parseConfig(FILE, text), HOST);
}

const JOIN = 'server: "https://10.88.1.11:9345"\ntoken-file: "/etc/rancher/rke2/token"\n';

test("what the program writes for a server is read", () => {
    const cluster = {
        podCidrs: ["10.101.0.0/16"],
        serviceCidrs: ["10.111.0.0/16"],
        clusterDomain: "cluster.local",
        apiAddress: "10.88.1.11",
        config: { "kube-apiserver-arg": ["v=2"], "tls-san": ["api.east"] },
    };
    const node = { name: "east-1", addresses: ["10.88.1.11"], labels: { zone: "a" }, taints: [] };
    expect(server(configYaml(nodeConfig("first", node, cluster)))).toMatchObject({
        nodeName: "east-1",
        nodeIps: ["10.88.1.11"],
        advertiseAddress: "10.88.1.11",
        labels: ["zone=a"],
        token: { file: "/etc/rancher/rke2/token" },
        clusterCidr: "10.101.0.0/16",
        serviceCidr: "10.111.0.0/16",
        tlsSans: ["10.88.1.11", "api.east"],
        disableKubeProxy: true,
        kubeconfigMode: 0o600,
        apiServerArgs: ["--v=2"],
    });
    expect(agent(configYaml(nodeConfig("agent", node, cluster)))).toMatchObject({
        server: "https://10.88.1.11:9345",
        apiPort: 6443,
    });
});

test("what is not said has RKE2's defaults, or is the host's", () => {
    expect(server("")).toMatchObject({
        nodeName: "east-1",
        nodeIps: ["10.88.1.11"],
        clusterCidr: "10.42.0.0/16",
        serviceCidr: "10.43.0.0/16",
        nodePortRange: "30000-32767",
    });
});

test.each([
    ["node-nam: a", "Unknown flag --node-nam found in config.yaml (RKE2 would skip it)"],
    ["disable-etcd: true", "the simulated RKE2 does not do disable-etcd: leave it out of config.yaml"],
    ["profile: cis-1.23", "invalid value provided for --profile flag: cis-1.23"],
    ["data-dir: /data", "the simulated RKE2 does not move data-dir: leave it out of config.yaml"],
    ["server: 10.0.0.1", "invalid server url, 10.0.0.1: it must be https://ADDRESS:9345"],
    [
        "tls-san: {a: b}",
        `failed to load ${FILE}: tls-san: must be a string, a number, a boolean or a list of them`,
    ],
])("a server refuses %j", (text, message) => {
    expect(() => server(text)).toThrow(message);
});

test.each([
    [
        `${JOIN}tls-san: [a]`,
        "Unknown flag --tls-san found in config.yaml: it is a key of servers, and this is an agent (RKE2 would skip it)",
    ],
    ["token: a", "--server is required"],
    ['server: "https://10.88.1.11:9345"', "--token is required"],
])("an agent refuses %j", (text, message) => {
    expect(() => agent(text)).toThrow(message);
});

test("a file that is no YAML is not shown: a token may stand in it", () => {
    expect(() => server("token: s3cret\n  server: [")).toThrow(/^failed to load [^\n]*$/);
    expect(() => server("token: s3cret\n  server: [")).not.toThrow("s3cret");
});

test("a later file wins, and a plus appends", () => {
    const merged = mergeConfigs([
        parseConfig("1", "tls-san: [a]\nnode-name: one"),
        parseConfig("2", "tls-san+: b\nnode-name: two"),
    ]);
    expect(Object.fromEntries(merged)).toEqual({ "tls-san": ["a", "b"], "node-name": ["two"] });
});

test("servers that do not fit together are told in what", () => {
    const local = criticalConfig(server("cluster-cidr: 10.101.0.0/16"));
    expect(mismatches(local, criticalConfig(server("")))).toEqual([
        "cluster-cidr local:10.101.0.0/16 remote:10.42.0.0/16",
    ]);
    expect(mismatches(local, local)).toEqual([]);
});
