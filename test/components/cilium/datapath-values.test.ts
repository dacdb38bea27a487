/* How Services are balanced and packets paced, as chart values. What the charts make of them: test/charts/datapath.charts.ts. */
import { describe, expect, it } from "vitest";

import { ciliumProblems } from "../../../components/cilium/cilium-problems.ts";
import type { CiliumArgs } from "../../../components/cilium/cilium.ts";
import { dataPathValues } from "../../../components/cilium/datapath-values.ts";
import { ciliumValues } from "../../../components/cilium/values.ts";
import { formatProblem } from "../../../model/problem.ts";
import { plain, VERSIONS } from "./fixtures.ts";

const NATIVE = {
    mode: "native",
    ipv4NativeRoutingCIDR: "10.0.0.0/8",
    autoDirectNodeRoutes: true,
    endpointRoutes: false,
} as const;

function valuesOf(over: Partial<CiliumArgs>, version = "1.19.6") {
    return dataPathValues(plain(version, over));
}

describe.each(VERSIONS)("for Cilium %s", (version) => {
    it("nothing is set that is not said", () => {
        expect(valuesOf({}, version)).toEqual({});
        expect(valuesOf({ serviceLoadBalancing: {}, nat46x64: false }, version)).toEqual({});
    });

    it("everything is set that is said", () => {
        expect(
            valuesOf(
                {
                    routing: { mode: "tunnel", protocol: "geneve" },
                    serviceLoadBalancing: {
                        mode: "hybrid",
                        dispatch: "geneve",
                        algorithm: "maglev",
                        maglevTableSize: 65521,
                        acceleration: "best-effort",
                    },
                    devices: ["eth0", "ens+"],
                    bandwidthManager: { bbr: true },
                    nat46x64: true,
                },
                version,
            ),
        ).toEqual({
            loadBalancer: {
                mode: "hybrid",
                dsrDispatch: "geneve",
                algorithm: "maglev",
                acceleration: "best-effort",
            },
            maglev: { tableSize: 65521 },
            devices: ["eth0", "ens+"],
            bandwidthManager: { enabled: true, bbr: true },
            nat46x64Gateway: { enabled: true },
        });
    });
});

it("turns the bandwidth manager on without BBR", () => {
    expect(valuesOf({ bandwidthManager: {} })).toEqual({ bandwidthManager: { enabled: true, bbr: false } });
});

it("names Geneve beside native routing, where it carries what others are to answer", () => {
    const values = ciliumValues(
        plain("1.19.6", {
            routing: NATIVE,
            serviceLoadBalancing: { mode: "dsr", dispatch: "geneve" },
            values: { loadBalancer: { serviceTopology: true } },
        }),
    );
    expect(values).toMatchObject({
        routingMode: "native",
        tunnelProtocol: "geneve",
        loadBalancer: { mode: "dsr", dsrDispatch: "geneve", serviceTopology: true },
    });
    expect(valuesOf({ routing: NATIVE, serviceLoadBalancing: { mode: "dsr" } })).toEqual({
        loadBalancer: { mode: "dsr" },
    });
});

it("is refused by the component too where agents would exit", () => {
    expect(
        ciliumProblems(plain("1.19.6", { serviceLoadBalancing: { mode: "dsr" } }))
            .map(formatProblem)
            .join("\n"),
    ).toMatchInlineSnapshot(`
      "serviceLoadBalancing.mode = "dsr"
          does not go with a VXLAN tunnel: the agents would exit
          fix: use native routing, or a Geneve tunnel with dispatch "geneve""
    `);
});
