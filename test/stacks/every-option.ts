/*
 * A description in which each option differs from its default, and the two clusters from each other, so that one that is
 * dropped, fixed or mixed up on its way to the resources shows.
 */
import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import type { JsonValue } from "../../model/resolved.ts";
import type { RecordedResource } from "../../plan/record.ts";
import { deployed } from "../support/program.ts";

export const BGP = "multicluster:announcing:BgpControlPlane";
export const BGP_PEER = "kubernetes:metallb.io/v1beta2:BGPPeer";
export const CLUSTER = "multicluster:mesh:Cluster";
export const COMMAND = "command:remote:Command";
export const L2 = "multicluster:announcing:L2Announcements";
export const LB_IPAM = "multicluster:load-balancing:LbIpam";
export const METALLB = "multicluster:load-balancing:MetalLb";
export const NODE = "multicluster:rke2:Rke2Node";
export const RELEASE = "kubernetes:helm.sh/v3:Release";
export const SECRET = "kubernetes:core/v1:Secret";

export const JUMP_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJy0m9vuTI76BMssoV7TguHcpUSYpz3qBk2KN9+/23z";
export const EAST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPCVTC83cEE5H7DB4RfeBSjA6ZygHTO1S+tTiaJCZH8x";

export const description: MeshDescription = {
    name: "lab",
    rke2: {
        version: "v1.35.7+rke2r1",
        installUrl: "https://mirror.example.net/rke2.sh",
        config: { "etcd-snapshot-retention": 3 },
    },
    cilium: {
        version: "1.19.6",
        chart: { oci: "oci://quay.io/cilium/charts/cilium" },
        routing: { mode: "tunnel", protocol: "geneve" },
        encryption: { type: "ipsec", key: fromConfig("ipsecKey") },
        policyDefaultLocalCluster: true,
    },
    ssh: {
        user: "ops",
        port: 2222,
        auth: { privateKey: fromConfig("sshKey"), passphrase: fromConfig("sshPassphrase") },
        jumpHost: {
            host: "jump.example.net",
            port: 2200,
            user: "hop",
            auth: { privateKeyFile: "~/.ssh/hop", passphrase: fromConfig("hopPassphrase") },
            hostKey: JUMP_KEY,
        },
    },
    certificates: { caValidityHours: 50_000, leafValidityHours: 4_000, leafEarlyRenewalHours: 400 },
    mesh: { topology: "full", maxConnectedClusters: 511, domains: ["mesh.example.net", "old.example.net"] },
    clusters: {
        east: {
            id: 301,
            podCidr: ["10.10.0.0/16", "fd00:10::/56"],
            serviceCidr: ["10.11.0.0/16", "fd00:11::/112"],
            nodeCidr: ["192.168.10.0/24", "fd00:c0:10::/64"],
            clusterDomain: "east.example",
            token: fromConfig("eastToken"),
            servers: {
                "east-1": {
                    address: ["192.168.10.11", "fd00:c0:10::11"],
                    labels: { "example.net/rack": "r1" },
                    taints: [{ key: "CriticalAddonsOnly", value: "true", effect: "NoExecute" }],
                    ssh: { hostKey: EAST_KEY },
                },
            },
            agents: {
                "east-2": {
                    address: ["192.168.10.12", "fd00:c0:10::12"],
                    labels: { "example.net/disk": "ssd" },
                    taints: [{ key: "example.net/busy", effect: "PreferNoSchedule" }],
                },
            },
            loadBalancer: {
                provider: "metallb",
                version: "0.15.2",
                chart: { oci: "oci://registry.example.net/charts/metallb" },
                pools: { mesh: ["10.250.1.0/24", "fd00:250:1::/120"] },
                loadBalancerClass: "metallb.io/metallb",
            },
            announce: {
                mode: "bgp",
                localASN: 65010,
                peers: {
                    tor: { address: "192.168.10.1", asn: 65000, password: fromConfig("torPassword") },
                    spine: { address: "192.168.10.2", asn: 65000 },
                },
            },
            meshApi: { type: "LoadBalancer", replicas: 2, address: "10.250.1.7" },
            cilium: {
                authMode: "cluster",
                hubble: { enabled: true, relay: true },
                operatorReplicas: 1,
                mcsApi: { dns: true },
            },
        },
        west: {
            id: 302,
            podCidr: ["10.20.0.0/16", "fd00:20::/56"],
            serviceCidr: ["10.21.0.0/16", "fd00:21::/112"],
            nodeCidr: ["192.168.20.0/24", "fd00:c0:20::/64"],
            clusterDomain: "west.example",
            apiAddress: "api.west.example.net",
            ssh: { auth: { agent: true } },
            servers: {
                "west-1": { address: ["192.168.20.11", "fd00:c0:20::11"] },
                "west-2": { address: ["192.168.20.12", "fd00:c0:20::12"] },
                "west-3": { address: ["192.168.20.13", "fd00:c0:20::13"] },
            },
            loadBalancer: {
                provider: "lb-ipam",
                pools: { public: ["10.250.2.0/24", "fd00:250:2::/120"] },
            },
            announce: {
                mode: "bgp",
                localASN: 65020,
                peers: {
                    leaf: { address: "192.168.20.1", asn: 65000, password: fromConfig("leafPassword") },
                },
            },
            meshApi: { type: "NodePort", nodePort: 32_001 },
            cilium: { version: "1.18.11", authMode: "migration", hubble: { enabled: true } },
        },
    },
};

export const deployment = await deployed(description);

export function inputsOf(type: string, name: string, from = deployment): RecordedResource["inputs"] {
    return from.one(type, name).inputs;
}

export function valuesOf(release: string, from = deployment): Record<string, JsonValue> {
    const { values } = inputsOf(RELEASE, release, from);
    if (typeof values !== "object" || values === null || Array.isArray(values))
        throw new Error(`${release} has no values`);
    return values;
}

/** A variable of the script that a command runs. */
export function variable(command: string, name: string): string | undefined {
    const { stdin } = inputsOf(COMMAND, command);
    return typeof stdin === "string" ? new RegExp(`^${name}='(.*)'$`, "m").exec(stdin)?.[1] : undefined;
}

/** The names of what a resource depends on. */
export function waitsFor({ dependsOn }: RecordedResource): string[] {
    return dependsOn.map((urn) => urn.split("::").at(-1) ?? "").sort();
}
