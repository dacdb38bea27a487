import { remote } from "@pulumi/command";
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import { bashScript } from "../../components/host/bash.ts";
import { deriveToken } from "../../components/rke2/cluster-tokens.ts";
import { defineMesh, parseDescription, type MeshDescription } from "../../model/describe.ts";
import { formatProblems } from "../../model/problem.ts";
import { resolveMesh } from "../../model/resolve.ts";
import type { Cluster, Mesh, Node } from "../../model/resolved.ts";
import type { Program } from "../../plan/program.ts";
import type { SecretSource } from "../../stacks/secrets.ts";

/** Two clusters that differ in what a plan shows: one is a hub with MetalLB, the other has BGP, a jump host and secrets. */
export const sampleDescription: MeshDescription = defineMesh({
    name: "sample",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: { version: "1.19.6", routing: { mode: "tunnel" } },
    clusters: {
        east: {
            id: 1,
            podCidr: "10.10.0.0/16",
            serviceCidr: "10.11.0.0/16",
            nodeCidr: "192.168.10.0/24",
            servers: { "east-1": { address: "192.168.10.11" } },
            agents: { "east-2": { address: "192.168.10.12" } },
            loadBalancer: { provider: "metallb", pools: { mesh: ["192.168.10.200-192.168.10.219"] } },
            announce: { mode: "l2", interfaces: ["eth0"] },
        },
        west: {
            id: 2,
            podCidr: "10.20.0.0/16",
            serviceCidr: "10.21.0.0/16",
            nodeCidr: "192.168.20.0/24",
            servers: { "west-1": { address: "192.168.20.11" } },
            ssh: {
                user: "ops",
                auth: { privateKey: { fromConfig: "sshKey" } },
                jumpHost: { host: "jump.example.net", port: 2222 },
            },
            loadBalancer: { provider: "lb-ipam", pools: { mesh: ["192.168.20.200/29"] } },
            announce: {
                mode: "bgp",
                localASN: 65002,
                peers: {
                    tor: { address: "192.168.20.1", asn: 65000, password: { fromConfig: "torPassword" } },
                },
            },
        },
    },
    mesh: { topology: "hubs", hubs: ["east"] },
});

/** A small program with the shape of the real one, for tests of the plan alone. */
export const sampleProgram: Program = {
    accept: (name, description) => {
        const parsed = parseDescription(description);
        if (!parsed.ok) throw new pulumi.RunError(formatProblems(name, parsed.problems));
        const warnings = [{ path: "clusters.east.servers", rule: "is one server", fix: "add two" }];
        return { mesh: resolveMesh(parsed.description), warnings };
    },
    deploy: (mesh, secrets) => {
        const tokens = new Component("multicluster:rke2:ClusterTokens", "tokens", {});
        const seed = new tls.PrivateKey(
            "tokens-seed",
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: tokens, protect: true },
        );
        const clusters = mesh.clusters.map((cluster) => new SampleCluster(cluster, { mesh, seed, secrets }));
        return {
            clusters: Object.fromEntries(clusters.map(({ name, kubeconfig }) => [name, { kubeconfig }])),
        };
    },
};

class Component extends pulumi.ComponentResource {
    constructor(type: string, name: string, inputs: pulumi.Inputs, opts?: pulumi.ComponentResourceOptions) {
        super(type, name, inputs, opts);
        this.registerOutputs();
    }
}

interface SampleClusterArgs {
    readonly mesh: Mesh;
    readonly seed: tls.PrivateKey;
    readonly secrets: SecretSource;
}

class SampleCluster extends pulumi.ComponentResource {
    readonly name: string;
    readonly kubeconfig: pulumi.Output<string>;

    constructor(cluster: Cluster, { mesh, seed, secrets }: SampleClusterArgs) {
        const { name } = cluster;
        super("multicluster:mesh:Cluster", name, { clusterId: cluster.id });
        const token = seed.privateKeyPem.apply((pem) => deriveToken(pem, name));
        for (const node of [...cluster.servers, ...cluster.agents]) {
            const parent = new Component(
                "multicluster:rke2:Rke2Node",
                `${name}-${node.name}`,
                { role: node.role, config: { "node-name": node.name, cni: "none" } },
                { parent: this },
            );
            script(`${name}-${node.name}-install`, node, { TOKEN: token }, secrets, parent);
        }
        const [server] = cluster.servers;
        if (server === undefined) throw new Error(`${name} has no server`);
        const printed = script(`${name}-kubeconfig`, server, {}, secrets, this);
        this.name = name;
        this.kubeconfig = pulumi.secret(printed.stdout);
        const provider = new kubernetes.Provider(
            `${name}-provider`,
            { kubeconfig: this.kubeconfig },
            { parent: this },
        );
        const opts = { parent: this, provider };
        const release = new kubernetes.helm.v3.Release(
            `${name}-cilium`,
            {
                name: "cilium",
                chart: "cilium",
                version: cluster.cilium.version,
                namespace: "kube-system",
                repositoryOpts: { repo: "https://helm.cilium.io/" },
                values: { cluster: { name, id: cluster.id }, mode: "on" },
            },
            opts,
        );
        new kubernetes.core.v1.Secret(
            `${name}-leaf`,
            {
                metadata: { name: "leaf", namespace: "kube-system" },
                stringData: { "tls.key": seed.privateKeyPem, password: secrets.get("torPassword") },
            },
            opts,
        );
        const namespace = new kubernetes.core.v1.Namespace(
            `${name}-namespace`,
            { metadata: { name: "metallb-system" } },
            { ...opts, dependsOn: [release] },
        );
        new kubernetes.core.v1.ConfigMap(
            `${name}-about`,
            {
                metadata: { name: "about:mesh", namespace: "metallb-system" },
                data: { mesh: mesh.name, key: seed.publicKeyPem },
            },
            { ...opts, dependsOn: [namespace] },
        );
        this.registerOutputs();
    }
}

function script(
    name: string,
    { ssh }: Node,
    variables: Record<string, pulumi.Input<string>>,
    secrets: SecretSource,
    parent: pulumi.Resource,
): remote.Command {
    return new remote.Command(
        name,
        {
            connection: { host: ssh.host, privateKey: secrets.get("sshKey") },
            create: "timeout 60 bash -s",
            stdin: pulumi.secret(
                pulumi
                    .output(variables)
                    .apply((values) => bashScript(new URL("sample.sh", import.meta.url), values)),
            ),
        },
        { parent, additionalSecretOutputs: ["stdout", "stderr"] },
    );
}
