/* What the program makes in a cluster that is there already: everything but Kubernetes, and nothing over SSH. */
import { expect, it } from "vitest";

import { secretProblems } from "../../stacks/secrets.ts";
import { kubeconfigFileProblems, secretValueProblems } from "../../stacks/secret-problems.ts";
import { formatProblem } from "../../model/problem.ts";
import { resolveMesh } from "../../model/resolve.ts";
import { KUBECONFIG, withExisting } from "../support/existing.ts";
import type { RecordedResource } from "../../plan/record.ts";
import { deployed, testSecrets, texts } from "../support/program.ts";
import { valuesOf, waitsFor } from "./every-option.ts";

const LOCAL = "command:local:Command";

/** The script that a command runs. */
function scriptOf(command: RecordedResource | undefined): string {
    const stdin = command?.inputs["stdin"];
    if (typeof stdin !== "string") throw new Error("a command without a script");
    return stdin;
}

const deployment = await deployed(
    withExisting((north) => {
        if (north.kubernetes !== undefined) north.kubernetes.apiPort = 443;
        north.cilium = { ipam: "cluster-pool" };
    }),
    { preview: false },
);

it("makes everything but Kubernetes, and runs nothing on a machine of it", () => {
    const made = deployment.inCluster("north").map(({ type, name }) => `${type} ${name}`);
    expect(made.filter((line) => !line.includes("certificates")).sort()).toMatchInlineSnapshot(`
      [
        "command:local:Command north-checked",
        "command:local:Command north-cilium-ready",
        "command:local:Command north-mesh-api-ready",
        "kubernetes:cilium.io/v2:CiliumLoadBalancerIPPool north-lb-ipam-mesh",
        "kubernetes:cilium.io/v2alpha1:CiliumL2AnnouncementPolicy north-l2-policy",
        "kubernetes:helm.sh/v3:Release north-cilium-chart",
        "multicluster:announcing:L2Announcements north-l2",
        "multicluster:cilium:Cilium north-cilium",
        "multicluster:load-balancing:LbIpam north-lb-ipam",
        "multicluster:member:ExistingCluster north",
        "pulumi:providers:kubernetes north-provider",
      ]
    `);
});

it("hands out the kubeconfig that has been looked at, and installs with no other", () => {
    const { inputs, secretPaths, dependsOn } = deployment.one(
        "pulumi:providers:kubernetes",
        "north-provider",
    );
    expect(inputs).toMatchObject({ kubeconfig: "[north-checked.stdout]", clusterIdentifier: "north" });
    expect(secretPaths).toContain("kubeconfig");
    expect(dependsOn).toEqual([deployment.one(LOCAL, "north-checked").urn]);
});

it("looks at the cluster as it is described, with the kubeconfig that was brought", () => {
    const { inputs, secretPaths, additionalSecretOutputs } = deployment.one(LOCAL, "north-checked");
    const { stdin: _, ...rest } = inputs;
    expect(rest).toEqual({
        create: "timeout -k 10 180 bash -euo pipefail -s",
        logging: "none",
        addPreviousOutputInEnv: false,
    });
    expect(secretPaths).toEqual(["stdin"]);
    expect([...additionalSecretOutputs].sort()).toEqual(["stderr", "stdout"]);
    const variables = scriptOf(deployment.one(LOCAL, "north-checked"))
        .split("\n")
        .filter((line) => /^[A-Z_]+='/.test(line));
    expect(variables).toEqual([
        "KUBECONFIG_TEXT='<secret northKubeconfig>'",
        "CLUSTER_NAME='north'",
        "IPAM='cluster-pool'",
        "KUBERNETES='1.35'",
        "MESH_PLACE='north 3 255'",
        "OPERATORS='2'",
        "SECONDS_MAX='120'",
    ]);
});

it("waits here for what it waits for on a server elsewhere", () => {
    const gate = (name: string) => {
        const command = deployment.resources.find((resource) => resource.name === name);
        const conditions = /^CONDITIONS='([^']*)'/m.exec(scriptOf(command))?.[1];
        return { type: command?.type, conditions: conditions?.split("\n") };
    };
    expect(gate("north-cilium-ready")).toEqual({
        type: LOCAL,
        conditions: [
            "crd ciliumloadbalancerippools.cilium.io",
            "crd ciliuml2announcementpolicies.cilium.io",
            "rollout daemonset kube-system cilium",
            "rollout deployment kube-system cilium-operator",
            "nodes",
        ],
    });
    expect(gate("north-mesh-api-ready")).toEqual({
        type: LOCAL,
        conditions: [
            "endpoint kube-system clustermesh-apiserver",
            "address kube-system clustermesh-apiserver 192.168.30.200",
        ],
    });
    expect(scriptOf(deployment.one(LOCAL, "north-cilium-ready"))).toMatch(
        /^KUBECONFIG_TEXT='\[north-checked\.stdout\]'$/m,
    );
    expect(gate("east-cilium-ready").type).toBe("command:remote:Command");
});

it("installs Cilium behind the look, and tells it where the API is", () => {
    expect(waitsFor(deployment.one("kubernetes:helm.sh/v3:Release", "north-cilium-chart"))).toContain(
        "north-checked",
    );
    expect(valuesOf("north-cilium-chart", deployment)).toMatchObject({
        kubeProxyReplacement: "true",
        k8sServiceHost: "api.north.example.net",
        k8sServicePort: 443,
        operator: { replicas: 2 },
        ipam: { mode: "cluster-pool", operator: { clusterPoolIPv4PodCIDRList: ["10.30.0.0/16"] } },
    });
    expect(valuesOf("east-cilium-chart", deployment)).toMatchObject({
        k8sServiceHost: "localhost",
        k8sServicePort: 6443,
    });
});

it("is a peer like any other", () => {
    const peers = (name: string) =>
        deployment.mesh.clusters.find((cluster) => cluster.name === name)?.peers.map((peer) => peer.name);
    expect([peers("east"), peers("north")]).toEqual([
        ["west", "north"],
        ["east", "west"],
    ]);
    expect(JSON.stringify(valuesOf("east-cilium-chart", deployment)["clustermesh"])).toContain(
        "192.168.30.200",
    );
});

it("lets the kubeconfig be nowhere in plain text", () => {
    for (const { inputs, secretPaths } of deployment.resources) {
        const plain = texts(inputs).filter(({ path }) => !secretPaths.includes(path));
        expect(plain.filter(({ text }) => text.includes("northKubeconfig"))).toEqual([]);
    }
});

it("takes a kubeconfig from a file", async () => {
    const made = await deployed(
        withExisting((north) => (north.kubernetes = { kubeconfig: { file: "/north" }, version: "1.35" })),
    );
    expect(scriptOf(made.one(LOCAL, "north-checked"))).toMatch(/^KUBECONFIG_TEXT='<secret \/north>'$/m);
});

it("refuses a kubeconfig that leads nowhere, and says nothing of what it holds", () => {
    const needed = { key: "k", kind: "kubeconfig", path: "clusters.north.kubernetes.kubeconfig" } as const;
    expect(secretValueProblems(needed, KUBECONFIG, true)).toEqual([]);
    expect(secretValueProblems(needed, "not-a-secret", true).map(formatProblem).join("\n"))
        .toMatchInlineSnapshot(`
      "clusters.north.kubernetes.kubeconfig = k
          is not a kubeconfig with clusters, users, contexts and a current-context
          fix: run: kubectl config view --raw --minify --flatten | pulumi config set --secret k"
    `);
});

it("asks for a kubeconfig's file before anything is made", () => {
    const mesh = resolveMesh(
        withExisting(
            (north) => (north.kubernetes = { kubeconfig: { file: "/nowhere/north" }, version: "1.35" }),
        ),
    );
    const secrets = { ...testSecrets, refuseKubeconfigFile: kubeconfigFileProblems };
    expect(secretProblems(mesh, secrets).map(formatProblem).join("\n")).toMatchInlineSnapshot(`
      "clusters.north.kubernetes.kubeconfig.file = /nowhere/north
          cannot be read (ENOENT)
          fix: correct the path, or take it from the configuration: kubeconfig: fromConfig(...)"
    `);
});
