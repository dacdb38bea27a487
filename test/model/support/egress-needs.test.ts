import { expect, it } from "vitest";

import { resolveMesh } from "../../../model/resolve.ts";
import { hostNeeds } from "../../../model/support/host-needs.ts";
import { twoClusters } from "../../support/mesh.ts";

/** The modules of a cluster's hosts that are for egress addresses. */
function modules(device?: string) {
    const mesh = twoClusters();
    mesh.clusters.east.egress = {
        subnet: "10.251.1.0/24",
        ...(device === undefined ? {} : { interface: device }),
        owners: { billing: { gateways: { "east-1": "10.251.1.10" } } },
    };
    const [east] = resolveMesh(mesh).clusters;
    const all = east === undefined ? [] : hostNeeds(east, "agent").modules;
    return all.filter(({ purpose }) => purpose === "egress addresses");
}

it("looks for the module of dummy interfaces where this program makes one, and lets a host go on without", () => {
    expect(modules()).toEqual([]);
    expect(modules("egress0")).toEqual([{ name: "dummy", needed: false, purpose: "egress addresses" }]);
});
