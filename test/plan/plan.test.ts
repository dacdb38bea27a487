import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";

import { deriveToken } from "../../components/rke2/cluster-tokens.ts";
import { textAt } from "../../plan/json.ts";
import { plan, type Plan } from "../../plan/plan.ts";
import { sampleDescription, sampleProgram } from "./sample.ts";

const args = { description: sampleDescription, stack: "lab", program: sampleProgram };
let planned: Plan;
beforeAll(async () => {
    planned = await plan(args);
});

function file(path: string): string {
    const text = planned.files.get(path);
    if (text === undefined)
        throw new Error(`there is no ${path} among ${[...planned.files.keys()].join(", ")}`);
    return text;
}

describe("the files of a plan", () => {
    it("are these, in the order of their paths", () => {
        const ofCluster = (cluster: string, nodes: readonly string[]) => [
            `${cluster}/charts/cilium/chart.json`,
            `${cluster}/charts/cilium/values.yaml`,
            `${cluster}/manifests/01-namespace-metallb-system.yaml`,
            `${cluster}/manifests/02-configmap-about-mesh.yaml`,
            `${cluster}/manifests/03-secret-leaf.yaml`,
            ...nodes.flatMap((node, index) => [
                `${cluster}/nodes/${node}/config.yaml`,
                `${cluster}/nodes/${node}/install.sh`,
                ...(index === 0 ? [`${cluster}/nodes/${node}/kubeconfig.sh`] : []),
            ]),
        ];
        expect([...planned.files.keys()]).toEqual([
            ...ofCluster("east", ["east-1", "east-2"]),
            "plan.json",
            "topology.md",
            "topology.svg",
            ...ofCluster("west", ["west-1"]),
        ]);
    });

    it("have the chart with where it comes from, and values that every YAML reads alike", () => {
        expect(JSON.parse(file("west/charts/cilium/chart.json"))).toEqual({
            release: "cilium",
            chart: "cilium",
            repo: "https://helm.cilium.io/",
            version: "1.19.6",
            namespace: "kube-system",
        });
        expect(file("west/charts/cilium/values.yaml")).toBe('cluster:\n  id: 2\n  name: west\nmode: "on"\n');
    });

    it("have objects as manifests that begin in the usual way", () => {
        expect(file("east/manifests/02-configmap-about-mesh.yaml")).toBe(
            [
                "apiVersion: v1",
                "kind: ConfigMap",
                "metadata:",
                "  name: about:mesh",
                "  namespace: metallb-system",
                "data:",
                '  key: "[tokens-seed.publicKeyPem]"',
                "  mesh: sample",
                "",
            ].join("\n"),
        );
    });

    it("have what RKE2 reads, and the scripts with their secrets hidden", () => {
        expect(file("east/nodes/east-2/config.yaml")).toBe('cni: "none"\nnode-name: "east-2"\n');
        expect(file("east/nodes/east-2/install.sh")).toMatch(/^TOKEN='\[secret\]'\n# Stands for a script/);
        expect(file("east/nodes/east-1/kubeconfig.sh")).toMatch(/^# Stands for a script/);
    });

    it("have no secret in them", () => {
        const tokens = ["east", "west"].map((name) => deriveToken("[tokens-seed.privateKeyPem]", name));
        const stdins = planned.resources.map(({ inputs }) => textAt(inputs, "stdin") ?? "");
        // Otherwise the rest of this test would prove nothing.
        for (const token of tokens) expect(stdins.some((stdin) => stdin.includes(token))).toBe(true);
        const secrets = [...tokens, ".privateKeyPem]", ".privateKeyOpenssh]", ".stdout]"];
        for (const [path, text] of planned.files) {
            for (const secret of secrets) expect(text, path).not.toContain(secret);
        }
    });

    it("are the same the second time, byte for byte", async () => {
        const again = await plan(args);
        expect([...again.files]).toEqual([...planned.files]);
        expect(again.tree).toBe(planned.tree);
    });

    it("do not depend on which of two independent resources is registered first", async () => {
        const [east, west] = Object.entries(sampleDescription.clusters);
        if (east === undefined || west === undefined) throw new Error("the sample has two clusters");
        const program = {
            ...sampleProgram,
            deploy: (...[mesh, secrets]: Parameters<typeof sampleProgram.deploy>) =>
                sampleProgram.deploy({ ...mesh, clusters: mesh.clusters.toReversed() }, secrets),
        };
        const reversed = await plan({ ...args, program });
        expect(reversed.files.get("plan.json")).toBe(file("plan.json"));
    });
});

describe("plan.json", () => {
    it("has every resource with its place, its options and its inputs, and the outputs", () => {
        const json: unknown = JSON.parse(file("plan.json"));
        const cluster = "urn:pulumi:lab::multicluster::multicluster:mesh:Cluster";
        const seed =
            "urn:pulumi:lab::multicluster::multicluster:rke2:ClusterTokens$tls:index/privateKey:PrivateKey::tokens-seed";
        expect(json).toMatchObject({
            format: "multicluster-plan/1",
            stack: "lab",
            mesh: "sample",
            outputs: {
                clusters: { east: { kubeconfig: "[secret]" }, west: { kubeconfig: "[secret]" } },
            },
        });
        expect(json).toHaveProperty("resources.length", 22);
        expect(json).toHaveProperty(
            "files",
            [...planned.files.keys()].filter((path) => path !== "plan.json"),
        );
        expect(json).toHaveProperty(
            "resources",
            expect.arrayContaining([
                {
                    urn: seed,
                    type: "tls:index/privateKey:PrivateKey",
                    name: "tokens-seed",
                    parent: "urn:pulumi:lab::multicluster::multicluster:rke2:ClusterTokens::tokens",
                    dependsOn: [],
                    protect: true,
                    additionalSecretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
                    inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" },
                },
                {
                    urn: `${cluster}$kubernetes:core/v1:Secret::east-leaf`,
                    type: "kubernetes:core/v1:Secret",
                    name: "east-leaf",
                    parent: `${cluster}::east`,
                    provider: `${cluster}$pulumi:providers:kubernetes::east-provider`,
                    dependsOn: [seed],
                    protect: false,
                    additionalSecretOutputs: ["data", "stringData"],
                    inputs: {
                        apiVersion: "v1",
                        kind: "Secret",
                        metadata: { name: "leaf", namespace: "kube-system" },
                        stringData: { "tls.key": "[secret]", password: "[secret]" },
                    },
                },
            ]),
        );
    });
});

describe("the tree of a plan", () => {
    it("has everything a person looks for first", () => {
        expect(planned.tree).toBe(`sample: 2 clusters, east with every cluster, the others only with it
├─ one CA for 3650 days; certificates for 365 days, renewed in their last 90 days
├─ east (id 1)
│  ├─ Kubernetes    RKE2 v1.35.7+rke2r1, API at 192.168.10.11:6443
│  ├─ Cilium        1.19.6, routing tunnel (vxlan), encryption none
│  ├─ pods          10.10.0.0/16
│  ├─ Services      10.11.0.0/16
│  ├─ nodes         192.168.10.0/24
│  │  ├─ east-1  server  192.168.10.11  ssh root@192.168.10.11
│  │  └─ east-2  agent   192.168.10.12  ssh root@192.168.10.12
│  ├─ mesh API      192.168.10.200:2379, 1 replica, from pool mesh
│  ├─ peers         west
│  │  └─ west (id 2) at 192.168.20.201:2379
│  ├─ load balancer MetalLB 0.16.1
│  │  ├─ pool mesh: 192.168.10.200-192.168.10.219
│  │  └─ announced by L2 on eth0
│  ├─ charts        1
│  │  └─ cilium 1.19.6 from https://helm.cilium.io/ into kube-system
│  └─ objects       3: 1 ConfigMap, 1 Namespace, 1 Secret
└─ west (id 2)
   ├─ Kubernetes    RKE2 v1.35.7+rke2r1, API at 192.168.20.11:6443
   ├─ Cilium        1.19.6, routing tunnel (vxlan), encryption none
   ├─ pods          10.20.0.0/16
   ├─ Services      10.21.0.0/16
   ├─ nodes         192.168.20.0/24
   │  └─ west-1  server  192.168.20.11  ssh ops@192.168.20.11 through root@jump.example.net:2222
   ├─ mesh API      192.168.20.201:2379, 1 replica, from pool mesh
   ├─ peers         east
   │  └─ east (id 1) at 192.168.10.200:2379
   ├─ load balancer Cilium LB-IPAM
   │  ├─ pool mesh: 192.168.20.200/29
   │  └─ announced by BGP from AS 65002 to tor 192.168.20.1 (AS 65000): LoadBalancerIP
   ├─ charts        1
   │  └─ cilium 1.19.6 from https://helm.cilium.io/ into kube-system
   └─ objects       3: 1 ConfigMap, 1 Namespace, 1 Secret

1 warning
  ! clusters.east.servers
      is one server
      fix: add two

before pulumi up
  pulumi config set --secret sshKey  # clusters.west.ssh.auth.privateKey
  pulumi config set --secret torPassword  # clusters.west.announce.peers.tor.password

22 resources, of which 6 components
     5  command:remote:Command
     2  kubernetes:core/v1:ConfigMap
     2  kubernetes:core/v1:Namespace
     2  kubernetes:core/v1:Secret
     2  kubernetes:helm.sh/v3:Release
     2  multicluster:mesh:Cluster
     1  multicluster:rke2:ClusterTokens
     3  multicluster:rke2:Rke2Node
     2  pulumi:providers:kubernetes
     1  tls:index/privateKey:PrivateKey
`);
    });

    it("is coloured only where it is asked to be", async () => {
        const { tree } = await plan({ ...args, paint: (style, text) => `<${style}>${text}</>` });
        expect(tree).toContain("├─ <bold>east</> (id 1)");
        expect(tree).toContain("\n<yellow>1 warning</>\n");
        expect(tree.replace(/<[a-z/]+>/g, "")).toBe(planned.tree);
    });
});

describe("a plan that cannot be made", () => {
    it("says every reason against a description at once, and where it came from", async () => {
        const description = { ...sampleDescription, name: "Not A Name", clustres: {} };
        const failure: unknown = await plan({ ...args, description, source: "my.ts" }).catch(
            (error: unknown) => error,
        );
        expect(pulumi.RunError.isInstance(failure)).toBe(true);
        expect(String(failure)).toMatch(/my\.ts: 2 problems\n✖ name = [^]*\n✖ clustres\n/);
    });

    it("does not write two things into the same file", async () => {
        const deploy: typeof sampleProgram.deploy = (mesh, secrets) => {
            const exported = sampleProgram.deploy(mesh, secrets);
            new pulumi.ComponentResource("multicluster:rke2:Rke2Node", "twin", {
                config: { "node-name": "x" },
            });
            new pulumi.ComponentResource("multicluster:rke2:Rke2Node", "other", {
                config: { "node-name": "x" },
            });
            return exported;
        };
        await expect(plan({ ...args, program: { ...sampleProgram, deploy } })).rejects.toThrow(
            "a plan writes _/nodes/x/config.yaml twice",
        );
    });
});
