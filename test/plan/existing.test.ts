/* What a plan says of a cluster that was there already. */
import { expect, it } from "vitest";

import { plan } from "../../plan/plan.ts";
import { withExisting } from "../support/existing.ts";

const planned = await plan({
    description: withExisting((north) => {
        if (north.kubernetes !== undefined) north.kubernetes.apiPort = 443;
    }),
    stack: "test",
});

it("says that it was there, and has no nodes to tell of", () => {
    const tree = planned.tree.split("\n");
    const from = tree.findIndex((line) => line.endsWith("north (id 3)"));
    const rows = tree.slice(from, from + 6).map((line) => line.replace(/^[ │├└─]+/, ""));
    expect(rows).toEqual([
        "north (id 3)",
        "Kubernetes    1.35, there already, API at api.north.example.net:443",
        "Cilium        1.19.6, routing tunnel (vxlan), encryption none",
        "pods          10.30.0.0/16",
        "Services      10.31.0.0/16",
        "nodes         192.168.30.0/24",
    ]);
    expect(planned.tree).toContain(
        "\n  pulumi config set --secret northKubeconfig  # clusters.north.kubernetes.kubeconfig\n",
    );
});

it("names the file of a kubeconfig", async () => {
    const { tree } = await plan({
        description: withExisting(
            (north) => (north.kubernetes = { kubeconfig: { file: "~/.kube/north" }, version: "1.35" }),
        ),
        stack: "test",
    });
    expect(tree).toContain("\n  the kubeconfig ~/.kube/north  # clusters.north.kubernetes.kubeconfig.file\n");
});

it("shows the scripts that run here in the cluster's own folder, without its kubeconfig", () => {
    const scripts = [...planned.files].filter(([path]) => path.startsWith("north/scripts/"));
    expect(scripts.map(([path]) => path)).toEqual([
        "north/scripts/checked.sh",
        "north/scripts/cilium-ready.sh",
        "north/scripts/mesh-api-ready.sh",
    ]);
    for (const [, text] of scripts) expect(text).toMatch(/^KUBECONFIG_TEXT='\[secret\]'$/m);
    expect([...planned.files.keys()].filter((path) => path.startsWith("north/nodes/"))).toEqual([]);
});

it("says so in the picture and the table", () => {
    const page = planned.files.get("topology.md") ?? "";
    expect(page).toContain("<b>north</b><br/>id 3<br/>Kubernetes 1.35, there already<br/>");
    expect(page).toContain("| north | 3 | there already | 10.30.0.0/16 |");
});
