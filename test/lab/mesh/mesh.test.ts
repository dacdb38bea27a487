import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import lab from "../../../stacks/lab.ts";
import { loadDescription } from "../../../stacks/load.ts";
import { hostKey } from "../hosts/host-key.ts";
import { NETWORK } from "../hosts/lab-spec.ts";
import { labCluster, labMesh, smallMesh } from "../suite/descriptions.ts";
import { hostsOf, nodesOf, sharedNames } from "./hosts.ts";
import { readPairs } from "./pairs.ts";
import { copyProgram, describe as describeIn, edit } from "./program.ts";

const { mesh, problems, warnings } = checkMesh(lab);

describe("stacks/lab.ts", () => {
    it("is accepted, without a warning", () => {
        expect(problems).toEqual([]);
        expect(warnings).toEqual([]);
    });

    it("pins the key that each host of a lab has", () => {
        const nodes = mesh?.clusters.flatMap(nodesOf) ?? [];
        expect(nodes.map(({ ssh }) => ssh.hostKey)).toEqual(nodes.map(({ name }) => hostKey(name).public));
    });

    it("lies in the network that a lab has", () => {
        expect(NETWORK).toBe("10.88.0.0/16");
        expect(hostsOf(mesh ?? { clusters: [] })).toEqual([
            { name: "east-1", address: "10.88.1.11" },
            { name: "east-2", address: "10.88.1.12" },
            { name: "east-3", address: "10.88.1.13" },
            { name: "east-4", address: "10.88.1.21" },
            { name: "west-1", address: "10.88.2.11" },
            { name: "west-2", address: "10.88.2.21" },
        ]);
    });

    it("has one name for the servers of a cluster with several", () => {
        expect(sharedNames(mesh ?? { clusters: [] })).toEqual({
            "api.east.lab": ["10.88.1.11", "10.88.1.12", "10.88.1.13"],
        });
    });
});

describe("the suite's descriptions", () => {
    it.each([
        ["small", smallMesh()],
        ["with several servers", labMesh({ north: labCluster("north", { id: 3, servers: 3, agents: 2 }) })],
    ])("are accepted: %s", (_, description) => {
        expect(checkMesh(description).problems).toEqual([]);
    });
});

describe("what kvstoremesh says of its peers", () => {
    it("is read from its metrics", () => {
        const metrics = [
            "# TYPE cilium_kvstoremesh_remote_cluster_readiness_status gauge",
            'cilium_kvstoremesh_remote_cluster_readiness_status{target_cluster="west"} 1',
            'cilium_kvstoremesh_remote_cluster_readiness_status{target_cluster="north"} 0',
            'cilium_kvstoremesh_remote_cluster_failures{target_cluster="south"} 1',
        ];
        expect([...readPairs(metrics.join("\n"))]).toEqual([
            ["west", true],
            ["north", false],
        ]);
    });

    it("is nothing where there are none", () => {
        expect([...readPairs("")]).toEqual([]);
    });
});

describe("a copy of the program", () => {
    it("is changed in one place, deploys another description, and refuses an edit that fits nowhere or twice", async () => {
        const folder = await mkdtemp(join(tmpdir(), "program-"));
        try {
            await copyProgram(folder);
            await edit(folder, [
                { file: "Pulumi.yaml", find: "name: multicluster", replace: "name: $& changed" },
            ]);
            expect(await readFile(join(folder, "Pulumi.yaml"), "utf8")).toContain("name: $& changed");
            await describeIn(folder, "lab", smallMesh());
            expect(await loadDescription(join(folder, "stacks/lab.ts"))).toEqual(smallMesh());
            await writeFile(join(folder, "twice"), "one one");
            const places = edit(folder, [{ file: "twice", find: "one", replace: "" }]);
            await expect(places).rejects.toThrow("twice has 2 places, and not one, that read: one");
            const nowhere = edit(folder, [{ file: "twice", find: "two", replace: "" }]);
            await expect(nowhere).rejects.toThrow("twice has 0 places, and not one, that read: two");
        } finally {
            await rm(folder, { recursive: true });
        }
    });
});
