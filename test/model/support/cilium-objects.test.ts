import { describe, expect, it } from "vitest";

import { ciliumApi, ciliumVersionProblems } from "../../../model/support/cilium-apis.ts";
import { interfaceProblems } from "../../../model/support/interface-pattern.ts";

describe("ciliumApi", () => {
    it.each([
        ["CiliumBGPClusterConfig", "1.17.18", "cilium.io/v2alpha1"],
        ["CiliumBGPClusterConfig", "1.18.0", "cilium.io/v2"],
        ["CiliumLoadBalancerIPPool", "1.17.18", "cilium.io/v2alpha1"],
        ["CiliumLoadBalancerIPPool", "1.20.2", "cilium.io/v2"],
        ["CiliumL2AnnouncementPolicy", "1.16.19", "cilium.io/v2alpha1"],
        ["CiliumL2AnnouncementPolicy", "1.20.2", "cilium.io/v2alpha1"],
    ] as const)("writes %s for Cilium %s as %s", (kind, version, api) => {
        expect(ciliumApi(kind, version)).toBe(api);
    });

    it.each(["1.15.9", "1.21.0", "latest"])("knows no Cilium %s", (version) => {
        expect(ciliumVersionProblems(version, "ciliumVersion")).toHaveLength(1);
    });

    it.each(["1.16.0", "1.20.2"])("knows Cilium %s", (version) => {
        expect(ciliumVersionProblems(version, "ciliumVersion")).toEqual([]);
    });
});

describe("interfaceProblems", () => {
    it.each(["eth0", "^eth[0-9]+$", "^(?:en|eth).*", "^en\\d+s\\d+$", "(?i)ETH", "\\pL+0", "eth{1,1000}"])(
        "accepts %s, which Go reads",
        (pattern) => {
            expect(interfaceProblems([pattern], "announce.interfaces")).toEqual([]);
        },
    );

    it.each(["^eth(?!0)", "(?<=e)th0", "(e)th\\1", "eth[0-9", "eth(", "*eth", "eth{1,1001}"])(
        "refuses %s, which Go does not read",
        (pattern) => {
            expect(interfaceProblems(["eth0", pattern], "announce.interfaces")).toMatchObject([
                { path: "announce.interfaces[1]", value: JSON.stringify(pattern) },
            ]);
        },
    );
});
