/*
 * That every option of a description reaches the resources that carry it out. Each option here differs from its default, and
 * the two clusters differ from each other, so that one that is dropped, fixed or mixed up shows.
 */
import { beforeAll, describe, expect, it } from "vitest";

import { deriveToken } from "../../components/rke2/cluster-tokens.ts";
import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import type { JsonValue } from "../../model/resolved.ts";
import { record, type RecordedResource } from "../../plan/record.ts";
import { sshArgs } from "../../stacks/ssh.ts";
import { deployed, testSecrets, type Deployment } from "../support/program.ts";

const COMMAND = "command:remote:Command";
const METALLB = "multicluster:load-balancing:MetalLb";
const RELEASE = "kubernetes:helm.sh/v3:Release";
const SECRET = "kubernetes:core/v1:Secret";

const JUMP_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHJy0m9vuTI76BMssoV7TguHcpUSYpz3qBk2KN9+/23z";
const EAST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPCVTC83cEE5H7DB4RfeBSjA6ZygHTO1S+tTiaJCZH8x";

const description: MeshDescription = {
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
    mesh: { topology: "full", maxConnectedClusters: 511 },
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
                peers: { leaf: { address: "192.168.20.1", asn: 65000, password: fromConfig("leafPassword") } },
            },
            meshApi: { type: "NodePort", nodePort: 32_001 },
            cilium: { version: "1.18.11", authMode: "migration", hubble: { enabled: true } },
        },
    },
};

let deployment: Deployment;
beforeAll(async () => {
    deployment = await deployed(description);
});

it("dumps", () => {
    console.log(JSON.stringify(deployment.resources, null, 1));
});
