import { expect, it } from "vitest";

import { parseDescription } from "../../../model/describe.ts";
import { formatProblem } from "../../../model/problem.ts";
import { twoClusters } from "../../support/mesh.ts";

/** What is said of a mesh whose Cilium is described with something besides. */
function said(over: object): string {
    const mesh = twoClusters();
    const parsed = parseDescription({ ...mesh, cilium: { ...mesh.cilium, ...over } });
    return parsed.ok ? "" : parsed.problems.map(formatProblem).join("\n");
}

it("takes every size of Maglev's table that agents take", () => {
    for (const maglevTableSize of [251, 509, 1021, 2039, 4093, 8191, 16381, 32749, 65521, 131071]) {
        expect(said({ serviceLoadBalancing: { maglevTableSize } })).toBe("");
    }
    expect(said({ serviceLoadBalancing: { maglevTableSize: 1000 } })).toMatchInlineSnapshot(`
      "cilium.serviceLoadBalancing.maglevTableSize = 1000
          Invalid option: expected one of 251|509|1021|2039|4093|8191|16381|32749|65521|131071
          fix: see docs/reference.md for what may stand here"
    `);
});

it("refuses what is not offered", () => {
    expect(said({ serviceLoadBalancing: { mode: "annotation", dispatch: "ipip", acceleration: "generic" } }))
        .toMatchInlineSnapshot(`
      "cilium.serviceLoadBalancing.mode = "annotation"
          Invalid option: expected one of "snat"|"dsr"|"hybrid"
          fix: see docs/reference.md for what may stand here
      cilium.serviceLoadBalancing.dispatch = "ipip"
          Invalid option: expected one of "opt"|"geneve"
          fix: see docs/reference.md for what may stand here
      cilium.serviceLoadBalancing.acceleration = "generic"
          Invalid option: expected one of "disabled"|"native"|"best-effort"
          fix: see docs/reference.md for what may stand here"
    `);
});

it("takes names of devices, and beginnings", () => {
    expect(said({ devices: ["eth0", "ens+", "bond0.100", "enp1s0f0np0"] })).toBe("");
    expect(said({ devices: [] })).not.toBe("");
    expect(said({ devices: ["!eth1", "eth*"] })).toMatchInlineSnapshot(`
      "cilium.devices[0] = "!eth1"
          must be the name of a network interface, or the beginning of some followed by +
          fix: write it as "eth0" or "eth+"
      cilium.devices[1] = "eth*"
          must be the name of a network interface, or the beginning of some followed by +
          fix: write it as "eth0" or "eth+""
    `);
});

it("says where keys belong that the chart has elsewhere", () => {
    expect(
        said({
            loadBalancer: { mode: "dsr" },
            maglev: { tableSize: 251 },
            nat46x64Gateway: { enabled: true },
            serviceLoadBalancing: { dsrDispatch: "opt", tableSize: 251, hashSeed: "x" },
        }),
    ).toMatchInlineSnapshot(`
      "cilium.serviceLoadBalancing.dsrDispatch
          write dispatch
          fix: rename or remove it; docs/reference.md lists every option
      cilium.serviceLoadBalancing.tableSize
          write maglevTableSize
          fix: rename or remove it; docs/reference.md lists every option
      cilium.serviceLoadBalancing.hashSeed
          write it under cilium.values, as maglev.hashSeed; the same in every cluster
          fix: rename or remove it; docs/reference.md lists every option
      cilium.loadBalancer
          what gives Services addresses is described beside cilium, as loadBalancer; how they are balanced as cilium.serviceLoadBalancing
          fix: rename or remove it; docs/reference.md lists every option
      cilium.maglev
          write serviceLoadBalancing
          fix: rename or remove it; docs/reference.md lists every option
      cilium.nat46x64Gateway
          write nat46x64
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it("refuses a number of a key that is none", () => {
    expect(said({ encryption: { type: "ipsec", keyGeneration: 0 } })).toMatchInlineSnapshot(`
      "cilium.encryption.keyGeneration = 0
          Too small: expected number to be >=1
          fix: see docs/reference.md for what may stand here"
    `);
});
