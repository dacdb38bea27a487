import { describe, expect, it } from "vitest";

import { metalLbValues } from "../../../components/load-balancing/metal-lb-values.ts";
import { smallBgp } from "../announcing/bgp-fixtures.ts";

const tolerations = [
    { key: "CriticalAddonsOnly", operator: "Exists" },
    { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
];

describe("metalLbValues", () => {
    it.each(["0.14.9", "0.15.3", "0.16.1"])("runs no FRR for L2 in %s", (version) => {
        expect(metalLbValues({ version, announce: { mode: "l2" } })).toEqual({
            speaker: { enabled: true, frr: { enabled: false }, tolerations },
            frrk8s: { enabled: false },
        });
    });

    it.each(["0.14.9", "0.15.3"])("runs FRR inside the speaker for BGP in %s", (version) => {
        expect(metalLbValues({ version, announce: smallBgp() })).toEqual({
            speaker: { enabled: true, frr: { enabled: true }, tolerations },
            frrk8s: { enabled: false },
        });
    });

    it("runs FRR as frr-k8s for BGP from 0.16, wherever the speaker runs", () => {
        expect(metalLbValues({ version: "0.16.0", announce: smallBgp() })).toEqual({
            speaker: { enabled: true, frr: { enabled: false }, tolerations },
            frrk8s: { enabled: true },
            "frr-k8s": { frrk8s: { tolerations } },
        });
    });

    it.each(["0.15.3", "0.16.1"])("runs no speaker where someone else announces, in %s", (version) => {
        expect(metalLbValues({ version, announce: { mode: "none" } })).toEqual({
            speaker: { enabled: false, frr: { enabled: false } },
            frrk8s: { enabled: false },
        });
    });

    it("serves one class only where one is named", () => {
        const loadBalancerClass = "metallb.io/metallb";
        expect(
            metalLbValues({ version: "0.16.1", announce: { mode: "l2" }, loadBalancerClass }),
        ).toMatchObject({
            loadBalancerClass,
        });
    });
});
