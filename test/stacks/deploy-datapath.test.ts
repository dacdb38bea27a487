/* How each cluster balances Services, on its way from the description to the chart and to the hosts. */
import { expect, it } from "vitest";

import { twoClusters } from "../support/mesh.ts";
import { deployed } from "../support/program.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const COMMAND = "command:remote:Command";

it("reaches each cluster as it is described there", async () => {
    const mesh = twoClusters();
    mesh.cilium.routing = { mode: "tunnel", protocol: "geneve" };
    mesh.cilium.serviceLoadBalancing = { mode: "dsr", dispatch: "geneve", algorithm: "maglev" };
    mesh.cilium.bandwidthManager = {};
    mesh.clusters.west.cilium = {
        serviceLoadBalancing: {
            mode: "dsr",
            dispatch: "geneve",
            algorithm: "maglev",
            acceleration: "native",
        },
        devices: ["ens+"],
        bandwidthManager: { bbr: true },
    };
    const deployment = await deployed(mesh);
    const values = (cluster: string) => deployment.one(RELEASE, `${cluster}-cilium-chart`).inputs["values"];
    const balancing = { mode: "dsr", dsrDispatch: "geneve", algorithm: "maglev" };
    expect(values("east")).toMatchObject({
        loadBalancer: balancing,
        bandwidthManager: { enabled: true, bbr: false },
    });
    expect(values("east")).not.toHaveProperty("devices");
    expect(values("west")).toMatchObject({
        loadBalancer: { ...balancing, acceleration: "native" },
        devices: ["ens+"],
        bandwidthManager: { enabled: true, bbr: true },
    });
    const script = (command: string) => JSON.stringify(deployment.one(COMMAND, command).inputs["stdin"]);
    expect(script("west-west-1-preflight")).toContain("\\nXDP_DEVICES='ens+'\\n");
    expect(script("west-west-1-preflight")).toContain("\\nKERNEL_MIN='5.18'\\n");
    expect(script("east-east-1-preflight")).not.toMatch(/\\nXDP_D\w+='/);
});
