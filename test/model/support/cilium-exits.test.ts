import { describe, expect, it, test } from "vitest";

import { AGENT_EXITS } from "../../../model/support/cilium-agent-exits.ts";
import { CHART_FAILS } from "../../../model/support/cilium-chart-fails.ts";
import { exitProblems, type ExitOptions } from "../../../model/support/cilium-exits.ts";
import { isKnownValue } from "../../../model/support/cilium-values.ts";
import { CILIUM_MINORS } from "../../../model/support/matrix.ts";
import { ownedInstead } from "../../../model/support/cilium-owned-values.ts";
import { CASES, GENEVE, IPSEC, IPV6, NATIVE, PLAIN } from "../../support/exit-cases.ts";

function said(over: Partial<ExitOptions>, minor: number): string[] {
    return exitProblems({ ...PLAIN, ...over, version: `1.${minor}.0` }, "").map(
        ({ path, value, rule, fix }) => `${path}${value === undefined ? "" : ` = ${value}`} ${rule}; ${fix}`,
    );
}

test.each(CASES.map(([over, minors, text]) => [text.split(";")[0], over, minors, text] as const))(
    "%s",
    (_, over, minors, text) => {
        const where = CILIUM_MINORS.filter((minor) => said(over, minor).includes(text));
        expect(where.join(" ")).toBe(minors);
        // What is wrong is said once.
        for (const minor of CILIUM_MINORS) expect(said(over, minor).length).toBeLessThan(2);
    },
);

const ROWS = [...AGENT_EXITS, ...CHART_FAILS];

describe("the table", () => {
    it("has a case for each of its rows", () => {
        expect(
            ROWS.filter(
                ({ path, rule }) =>
                    !CASES.some(([, , text]) => text.startsWith(path) && text.includes(` ${rule}: the `)),
            ),
        ).toEqual([]);
    });

    it("names only values that are the user's, and known to some version in which it holds", () => {
        for (const { path, since = 16, until = 20 } of ROWS) {
            if (!path.startsWith("values.")) continue;
            const keys = path.replace("values.", "").split(".");
            expect([path, ownedInstead(keys)]).toEqual([path, undefined]);
            const known = CILIUM_MINORS.some(
                (minor) => since <= minor && minor <= until && isKnownValue(keys, minor),
            );
            expect([path, known]).toEqual([path, true]);
        }
    });
});

describe("nothing is wrong", () => {
    it.each<[string, Partial<ExitOptions>]>([
        ["with a plain cluster", {}],
        ["with DSR and native routing", { ...NATIVE, serviceLoadBalancing: { mode: "dsr" } }],
        [
            "with DSR in a Geneve tunnel",
            { ...GENEVE, serviceLoadBalancing: { mode: "dsr", dispatch: "geneve" } },
        ],
        [
            "with XDP over a tunnel between IPv4 addresses",
            { serviceLoadBalancing: { acceleration: "native" } },
        ],
        [
            "with XDP, IPv6 alone and native routing",
            { ...NATIVE, ...IPV6, serviceLoadBalancing: { acceleration: "native" } },
        ],
        ["with BBR for pods", { bandwidthManager: { bbr: true } }],
        [
            "with translation between two families",
            { nat46x64: true, podCidrs: ["10.10.0.0/16", "fd00:10::/56"] },
        ],
        [
            "with IPsec, and no proxy that it would hinder",
            { ...IPSEC, values: { l7Proxy: false, dnsProxy: { enableTransparentMode: false } } },
        ],
        [
            "with WireGuard and a host firewall",
            { encryption: { type: "wireguard" }, values: { hostFirewall: { enabled: true } } },
        ],
        [
            "with Ingress and Gateway API",
            { values: { ingressController: { enabled: true }, gatewayAPI: { enabled: true } } },
        ],
        ["with a range of node ports", { values: { nodePort: { range: "30000,32767" } } }],
        ["with values of other forms", { values: { bpf: [], cni: null, extraEnv: "x", extraConfig: {} } }],
    ])("%s", (_, over) => {
        for (const minor of CILIUM_MINORS) expect(said(over, minor)).toEqual([]);
    });
});
