/* That every option of a description reaches the resources that carry it out. */
import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { deriveToken } from "../../components/rke2/cluster-tokens.ts";
import { fromConfig } from "../../model/describe.ts";
import { record } from "../../plan/record.ts";
import { sshArgs } from "../../stacks/ssh.ts";
import { testSecrets } from "../support/program.ts";
import {
    CLUSTER,
    COMMAND,
    NODE,
    JUMP_KEY,
    EAST_KEY,
    deployment,
    inputsOf,
    variable,
} from "./every-option.ts";

describe("the cluster itself", () => {
    it("shows what members know of each other", () => {
        expect(inputsOf(CLUSTER, "east")).toEqual({
            clusterId: 301,
            rke2Version: "v1.35.7+rke2r1",
            ciliumVersion: "1.19.6",
            meshApi: {
                type: "LoadBalancer",
                replicas: 2,
                address: "10.250.1.7",
                pool: "mesh",
                sourceRanges: [],
                annotations: {},
                port: 2379,
            },
            peers: [
                {
                    name: "west",
                    id: 302,
                    addresses: ["192.168.20.11", "192.168.20.12", "192.168.20.13"],
                    port: 32_001,
                },
            ],
            meshDomains: ["mesh.example.net", "old.example.net"],
        });
        expect(inputsOf(CLUSTER, "west")).toEqual({
            clusterId: 302,
            rke2Version: "v1.35.7+rke2r1",
            ciliumVersion: "1.18.11",
            meshApi: { type: "NodePort", replicas: 1, port: 32_001 },
            peers: [{ name: "east", id: 301, addresses: ["10.250.1.7"], port: 2379 }],
            meshDomains: ["mesh.example.net", "old.example.net"],
        });
    });

    it("waits for nothing, and makes each of its parts once", () => {
        for (const name of ["east", "west"]) {
            const cluster = deployment.one(CLUSTER, name);
            expect(cluster.dependsOn).toEqual([]);
            const parts = deployment.resources.filter(({ parent }) => parent === cluster.urn);
            expect(parts.map((part) => `${part.type.split(":")[2] ?? ""} ${part.name}`)).toEqual([
                `Rke2Cluster ${name}`,
                `ClusterCertificates ${name}-certificates`,
                `Cilium ${name}-cilium`,
                ...(name === "east"
                    ? ["ClustersetDns east-clusterset-dns", "MetalLb east-metallb"]
                    : ["LbIpam west-lb-ipam", "BgpControlPlane west-bgp"]),
                `Command ${name}-mesh-api-ready`,
            ]);
        }
    });

    it("gives every Kubernetes object its own provider", () => {
        for (const name of ["east", "west"]) {
            const objects = deployment
                .inCluster(name)
                .filter(({ type }) => type.startsWith("kubernetes:"))
                .map(({ provider }) => provider);
            const { urn } = deployment.one("pulumi:providers:kubernetes", `${name}-provider`);
            expect(new Set(objects)).toEqual(new Set([urn]));
        }
    });
});

describe("nodes", () => {
    it("get the cluster's ranges, domain and further keys, and their own labels and taints", () => {
        expect(inputsOf(NODE, "east-east-1")).toEqual({
            clusterName: "east",
            role: "server",
            version: "v1.35.7+rke2r1",
            addresses: ["192.168.10.11", "fd00:c0:10::11"],
            config: {
                "cluster-cidr": "10.10.0.0/16,fd00:10::/56",
                "cluster-domain": "east.example",
                cni: "none",
                "disable-kube-proxy": true,
                "etcd-snapshot-retention": 3,
                "ingress-controller": "none",
                "node-ip": "192.168.10.11,fd00:c0:10::11",
                "node-label": ["example.net/rack=r1"],
                "node-name": "east-1",
                "node-taint": ["CriticalAddonsOnly=true:NoExecute"],
                "service-cidr": "10.11.0.0/16,fd00:11::/112",
                "tls-san": ["192.168.10.11", "fd00:c0:10::11"],
                "token-file": "/etc/rancher/rke2/token",
                "write-kubeconfig-mode": "0600",
            },
        });
        expect(inputsOf(NODE, "east-east-2")).toEqual({
            clusterName: "east",
            role: "agent",
            version: "v1.35.7+rke2r1",
            addresses: ["192.168.10.12", "fd00:c0:10::12"],
            config: {
                "node-ip": "192.168.10.12,fd00:c0:10::12",
                "node-label": ["example.net/disk=ssd"],
                "node-name": "east-2",
                "node-taint": ["example.net/busy:PreferNoSchedule"],
                server: "https://192.168.10.11:9345",
                "token-file": "/etc/rancher/rke2/token",
            },
        });
    });

    it("register at the API's address where the cluster names one", () => {
        const { config } = inputsOf(NODE, "west-west-3");
        expect(config).toEqual({
            "cluster-cidr": "10.20.0.0/16,fd00:20::/56",
            "cluster-domain": "west.example",
            cni: "none",
            "disable-kube-proxy": true,
            "etcd-snapshot-retention": 3,
            "ingress-controller": "none",
            "node-ip": "192.168.20.13,fd00:c0:20::13",
            "node-name": "west-3",
            server: "https://api.west.example.net:9345",
            "service-cidr": "10.21.0.0/16,fd00:21::/112",
            "tls-san": ["api.west.example.net", "192.168.20.13", "fd00:c0:20::13"],
            "token-file": "/etc/rancher/rke2/token",
            "write-kubeconfig-mode": "0600",
        });
        expect(variable("west-kubeconfig", "API_URL")).toBe("https://api.west.example.net:6443");
    });

    it("are installed from where the mesh says", () => {
        expect(variable("east-east-2-install", "INSTALL_URL")).toBe("https://mirror.example.net/rke2.sh");
        expect(variable("east-east-2-install", "VERSION")).toBe("v1.35.7+rke2r1");
    });

    it("join with the token that the mesh has for their cluster", () => {
        expect(variable("east-east-1-install", "TOKEN")).toBe("<secret eastToken>");
        expect(variable("east-east-2-install", "TOKEN")).toBe("<secret eastToken>");
        const derived = deriveToken("[tokens-seed.privateKeyPem]", "west");
        for (const node of ["west-1", "west-2", "west-3"])
            expect(variable(`west-${node}-install`, "TOKEN")).toBe(derived);
    });

    it("hand out no kubeconfig of a cluster with another place in the mesh", () => {
        expect(variable("east-kubeconfig", "MESH_PLACE")).toBe("east 301 511");
        expect(variable("west-kubeconfig", "MESH_PLACE")).toBe("west 302 511");
    });
});

describe("SSH", () => {
    // The provider's own defaults, which the SDK writes out.
    const dial = { dialErrorLimit: 10, perDialTimeout: 15 };
    const proxy = {
        ...dial,
        host: "jump.example.net",
        port: 2200,
        user: "hop",
        privateKey: "<secret ~/.ssh/hop>",
        privateKeyPassword: "<secret hopPassphrase>",
        hostKey: JUMP_KEY,
    };

    it("goes through the jump host, with a key and a passphrase for each, all of it secret", () => {
        // Nodes, and the gates on the first server.
        const commands = [
            "east-east-1-install",
            "east-kubeconfig",
            "east-cilium-ready",
            "east-metallb-ready",
        ];
        for (const name of commands) {
            const { inputs, secretPaths } = deployment.one(COMMAND, name);
            expect(inputs["connection"]).toEqual({
                ...dial,
                host: "192.168.10.11",
                port: 2222,
                user: "ops",
                privateKey: "<secret sshKey>",
                privateKeyPassword: "<secret sshPassphrase>",
                hostKey: EAST_KEY,
                proxy,
            });
            expect(secretPaths).toEqual(["connection", "stdin"]);
        }
    });

    it("uses the agent's keys where a cluster says so, and the jump host's key still", () => {
        expect(inputsOf(COMMAND, "west-west-2-install")["connection"]).toEqual({
            ...dial,
            host: "192.168.20.12",
            port: 2222,
            user: "ops",
            proxy,
        });
    });

    it("takes a named key from the configuration and a key file from the machine, both secret", async () => {
        const source = {
            ...testSecrets,
            get: (key: string) => pulumi.secret(`config ${key}`),
            keyFile: (file: string) => pulumi.secret(`file ${file}`),
        };
        const target = { port: 22, user: "root" };
        const { exported } = await record(
            () =>
                sshArgs(
                    {
                        ...target,
                        host: "192.168.10.11",
                        auth: { privateKeyFile: "~/.ssh/id", passphrase: fromConfig("idPassphrase") },
                        hostKey: EAST_KEY,
                        jumpHost: {
                            ...target,
                            host: "jump.example.net",
                            auth: { privateKey: fromConfig("hopKey") },
                        },
                    },
                    source,
                ),
            { project: "multicluster", stack: "test" },
        );
        expect(exported.inputs).toEqual({
            ...target,
            host: "192.168.10.11",
            auth: { privateKey: "file ~/.ssh/id", passphrase: "config idPassphrase" },
            hostKey: EAST_KEY,
            jumpHost: { ...target, host: "jump.example.net", auth: { privateKey: "config hopKey" } },
        });
        expect([...exported.secretPaths].sort()).toEqual([
            "auth.passphrase",
            "auth.privateKey",
            "jumpHost.auth.privateKey",
        ]);
    });

    it("asks for no key and no jump host where there is neither", () => {
        const ssh = { host: "192.168.10.11", port: 22, user: "root", auth: { agent: true } } as const;
        expect(sshArgs(ssh, testSecrets)).toEqual(ssh);
    });
});
