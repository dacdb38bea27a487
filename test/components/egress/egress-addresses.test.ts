import { describe, expect, it } from "vitest";

import { EgressAddresses } from "../../../components/egress/egress-addresses.ts";
import type { Egress } from "../../../model/resolved.ts";
import { get, made, refused } from "../announcing/program.ts";

const EGRESS: Egress = {
    subnet: "10.251.1.0/24",
    reserved: [],
    interface: "egress0",
    owners: [
        {
            name: "billing",
            namespaces: ["billing"],
            gateways: [{ node: "east-1", address: "10.251.1.10" }],
            destinations: ["0.0.0.0/0"],
            excluded: [],
        },
        {
            name: "reports",
            namespaces: ["reports"],
            gateways: [
                { node: "east-1", address: "10.251.1.11" },
                { node: "east-2", address: "10.251.1.12" },
            ],
            destinations: ["0.0.0.0/0"],
            excluded: [],
        },
    ],
};

const NODES = (["east-1", "east-2", "east-3"] as const).map((name) => ({
    name,
    role: "agent" as const,
    ssh: { host: `${name}.example.net` },
}));

function linesOf(resources: Awaited<ReturnType<typeof made>>, node: string): string[] {
    const { stdin } = get(resources, `east-${node}`).inputs;
    return typeof stdin === "string" ? stdin.split("\n").slice(0, 6) : [];
}

describe("EgressAddresses", () => {
    it("puts each address on its own node, and takes those of before off the others", async () => {
        const resources = await made(() => new EgressAddresses("east", { nodes: NODES, egress: EGRESS }));
        expect([...resources.keys()]).toEqual(["east", "east-east-1", "east-east-2", "east-east-3"]);
        expect(linesOf(resources, "east-1")).toEqual([
            "ADDRESSES='10.251.1.10",
            "10.251.1.11'",
            "INTERFACE='egress0'",
            "NODE_NAME='east-1'",
            "ROLE='agent'",
            "SECONDS_MAX='540'",
        ]);
        expect(linesOf(resources, "east-2")[0]).toBe("ADDRESSES='10.251.1.12'");
        expect(linesOf(resources, "east-3")[0]).toBe("ADDRESSES=''");
        // A preview shows what the scripts, which are secret, do not.
        expect(get(resources, "east").inputs).toEqual({
            interface: "egress0",
            addresses: { "east-1": ["10.251.1.10", "10.251.1.11"], "east-2": ["10.251.1.12"], "east-3": [] },
        });
    });

    it("takes them off when it is deleted, but for a host that is gone", async () => {
        const nodes = NODES.map((node) => ({ ...node, lost: node.name === "east-3" }));
        const resources = await made(() => new EgressAddresses("east", { nodes, egress: EGRESS }));
        expect(get(resources, "east-east-1").inputs["delete"]).toBe(
            "timeout -k 10 600 bash -euo pipefail -s -- remove",
        );
        expect(["east-east-1", "east-east-3"].map((name) => get(resources, name).retainOnDelete)).toEqual([
            false,
            true,
        ]);
    });

    it("refuses addresses that are someone else's, and nodes that it is not told of", async () => {
        const { interface: _, ...elsewhere } = EGRESS;
        expect(
            await refused(() => new EgressAddresses("east", { nodes: NODES.slice(0, 1), egress: elsewhere })),
        ).toMatchInlineSnapshot(`
          "EgressAddresses east: 2 problems
          ✖ egress.interface
              is not said: the addresses are someone else's to put on hosts
              fix: name one, as "egress0"
          ✖ egress.owners.reports.gateways = "east-2"
              is not among the nodes: its address would be nowhere
              fix: pass all nodes of the cluster"
        `);
    });
});
