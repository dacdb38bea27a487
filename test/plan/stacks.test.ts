/*
 * The plans of the stacks that are shipped, by the program itself. What this does not prove: that a provider, a host or a
 * cluster accepts what is planned.
 */
import { describe, expect, it } from "vitest";

import { plan, type Plan } from "../../plan/plan.ts";
import { placeholder } from "../../plan/placeholders.ts";
import { loadStack, stackNames } from "../../stacks/load.ts";
import { deriveToken } from "../../components/rke2/cluster-tokens.ts";

const planned = new Map<string, Plan>();
for (const stack of await stackNames()) {
    planned.set(stack, await plan({ description: await loadStack(stack), stack }));
}

describe.each([...planned])("the plan of %s", (stack, { mesh, files, tree, resources }) => {
    it("has the files of every cluster and every node", () => {
        const paths = [...files.keys()];
        expect(paths).toEqual(expect.arrayContaining(["plan.json", "topology.md", "topology.svg"]));
        for (const { name, servers, agents } of mesh.clusters) {
            expect(paths).toContain(`${name}/charts/cilium/values.yaml`);
            expect(paths).toContain(`${name}/charts/cilium/chart.json`);
            expect(paths.some((path) => path.startsWith(`${name}/manifests/01-`))).toBe(true);
            for (const node of [...servers, ...agents]) {
                expect(paths).toContain(`${name}/nodes/${node.name}/config.yaml`);
                expect(paths).toContain(`${name}/nodes/${node.name}/install.sh`);
            }
            expect(paths).toContain(`${name}/nodes/${servers[0]?.name ?? ""}/kubeconfig.sh`);
        }
        // Nothing belongs to a cluster or a node that the mesh does not have.
        const folders = new Set(paths.filter((path) => path.includes("/")).map((path) => path.split("/")[0]));
        expect([...folders].sort()).toEqual(mesh.clusters.map(({ name }) => name).sort());
    });

    it("is the same the second time, byte for byte", async () => {
        const again = await plan({ description: await loadStack(stack), stack });
        expect([...again.files]).toEqual([...files]);
        expect(again.tree).toBe(tree);
    });

    it("has no text that stands for a mistake", () => {
        for (const [path, text] of [...files, ["the tree", tree] as const]) {
            expect(text, path).not.toMatch(/\[object Object\]|Calling \[|undefined|\bNaN\b/);
        }
    });

    it("has no secret in it", () => {
        const tokens = mesh.clusters.map(({ name }) =>
            deriveToken(placeholder("tokens-seed", "privateKeyPem"), name),
        );
        const secrets = [...tokens, ".privateKeyPem]", ".privateKeyPemPkcs8]", "-kubeconfig.stdout]"];
        for (const [path, text] of files) {
            for (const secret of secrets) expect(text, path).not.toContain(secret);
        }
    });

    it("has a key that derives the tokens of clusters under the name that is looked for", () => {
        expect(resources.map(({ name }) => name)).toContain("tokens-seed");
    });

    it("says every warning and every secret that is needed", () => {
        expect(tree).toMatch(/^\S+: \d+ clusters, /);
        for (const { name } of mesh.clusters) expect(tree).toMatch(new RegExp(`─ ${name} \\(id \\d+\\)\\n`));
    });
});
