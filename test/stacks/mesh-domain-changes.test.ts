import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { z } from "zod";

import { formatProblems } from "../../model/problem.ts";
import { record } from "../../plan/record.ts";
import { accept } from "../../stacks/accept.ts";
import { deployMesh } from "../../stacks/deploy-mesh.ts";
import { meshDomainChangeProblems } from "../../stacks/mesh-domain-changes.ts";
import { highlyAvailable } from "../support/mesh.ts";
import { testSecrets } from "../support/program.ts";

const CLUSTER = "multicluster:mesh:Cluster";
const OLD = "old.example.net";
const NEW = "new.example.net";
const CILIUM = "mesh.cilium.io";

const WEST = { name: "west", addresses: ["192.168.20.11", "192.168.20.12"] };
const AT_ONE_ADDRESS = { name: "west", addresses: ["192.168.20.200"] };

/** What a cluster shows; without domains those of a mesh that names none. */
const shown = (domains: readonly string[], peers = [WEST]) => ({
    clusterId: 1,
    ...(domains.length === 0 ? {} : { meshDomains: [...domains] }),
    peers,
});

const problems = (before: unknown, after: unknown) =>
    formatProblems("clusters.east", meshDomainChangeProblems(before, after));

/** Each change that an up may bring at once, from one to the next. */
it.each([
    ["to a first one", [[], [CILIUM, NEW], [NEW]]],
    ["to another one", [[OLD], [OLD, NEW], [NEW, OLD], [NEW]]],
    ["back to the charts' own", [[OLD], [CILIUM, OLD], []]],
] as const)("goes %s step by step", (_, steps) => {
    for (const [index, step] of steps.slice(1).entries()) {
        expect(meshDomainChangeProblems(shown(steps[index] ?? []), shown(step))).toEqual([]);
    }
});

it("refuses a domain that is used before every certificate holds it", () => {
    expect(problems(shown([]), shown([NEW]))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ mesh.domains = ["new.example.net"]
          begins with "new.example.net", which the certificates of west do not hold until this change has reached them
          fix: write ["mesh.cilium.io","new.example.net"] first, run pulumi up until it has reached every cluster, and put "new.example.net" first in a change after that"
    `);
    expect(problems(shown([OLD]), shown([NEW, OLD]))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ mesh.domains = ["new.example.net","old.example.net"]
          begins with "new.example.net", which the certificates of west do not hold until this change has reached them
          fix: write ["old.example.net","new.example.net"] first, run pulumi up until it has reached every cluster, and put "new.example.net" first in a change after that"
    `);
});

it("refuses to take out the domain that is still in use", () => {
    expect(problems(shown([OLD, NEW]), shown([NEW]))).toMatchInlineSnapshot(`
      "clusters.east: 1 problem
      ✖ mesh.domains = ["new.example.net"]
          leaves out "old.example.net", by which west may still be called when their certificates lose it
          fix: write ["new.example.net","old.example.net"] first, run pulumi up until it has reached every cluster, and take "old.example.net" out in a change after that"
    `);
});

describe("asks for no steps", () => {
    it.each([
        [
            "where each peer is reached at one address",
            shown([], [AT_ONE_ADDRESS]),
            shown([NEW], [AT_ONE_ADDRESS]),
        ],
        ["for a peer that joins", shown([], []), shown([NEW])],
        ["for a peer that leaves", shown([OLD]), shown([NEW], [])],
    ])("%s", (_, before, after) => {
        expect(meshDomainChangeProblems(before, after)).toEqual([]);
    });

    it("for what was never shown", () => {
        expect(meshDomainChangeProblems({}, shown([NEW]))).toEqual([]);
    });
});

it("sees a peer that gets several addresses while the domain changes", () => {
    expect(problems(shown([], [AT_ONE_ADDRESS]), shown([NEW]))).toContain("do not hold until this change");
    expect(problems(shown([OLD, NEW]), shown([NEW], [AT_ONE_ADDRESS]))).toContain(
        "when their certificates lose it",
    );
});

it("is asked of every cluster before it changes", async () => {
    const hooks = new Map<string, pulumi.ResourceHookBinding>();
    const inputs = new Map<string, unknown>();
    const mesh = highlyAvailable();
    mesh.clusters.west.meshApi = { type: "NodePort" };
    mesh.mesh = { topology: "full", domains: [NEW] };
    await record(
        () => {
            pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
                if (type === CLUSTER) inputs.set(name, props);
                if (type === CLUSTER && "hooks" in opts && opts.hooks !== undefined)
                    hooks.set(name, opts.hooks);
                return undefined;
            });
            deployMesh(
                accept("test", mesh, { secrets: testSecrets, refuseWarnings: false }).mesh,
                testSecrets,
            );
            return {};
        },
        { project: "multicluster", stack: "test" },
    );
    const [guard] = hooks.get("east")?.beforeUpdate ?? [];
    if (!(guard instanceof pulumi.ResourceHook)) throw new Error("there is no hook");
    const ask = (domains: string[]) =>
        guard.callback({
            urn: "",
            id: "",
            name: "east",
            type: CLUSTER,
            oldInputs: shown(domains),
            newInputs: z.record(z.string(), z.json()).parse(inputs.get("east")),
            oldOutputs: { kubeconfig: "" },
        });
    expect(() => ask([])).toThrow(/^clusters\.east: 1 problem\n.*mesh\.domains = \["new\.example\.net"\]/);
    expect(() => ask([CILIUM, NEW])).not.toThrow();
});
