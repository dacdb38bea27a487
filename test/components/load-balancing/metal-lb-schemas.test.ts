import { describe, expect, it } from "vitest";

import { MetalLb } from "../../../components/load-balancing/metal-lb.ts";
import type { Announce } from "../../../model/resolved.ts";
import { minorOf } from "../../../model/support/version.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { fullBgp } from "../announcing/bgp-fixtures.ts";
import { made } from "../announcing/program.ts";

const VERSIONS = ["0.14.9", "0.15.3", "0.16.1"];

/** The objects of MetalLB with everything that this version can do. */
async function objects(version: string, announce: Announce) {
    const resources = await made(
        () =>
            new MetalLb("east", {
                version,
                pools: [
                    { name: "mesh", addresses: ["10.9.0.0/24", "fd00:9::/64"], autoAssign: true },
                    {
                        name: "web",
                        addresses: ["10.8.0.0/24"],
                        autoAssign: false,
                        serviceSelector: { matchLabels: { public: "true" } },
                    },
                ],
                announce,
                ...(announce.mode === "bgp" ? { passwords: { left: "a", right: "a", core: "b" } } : {}),
                families: ["ipv4", "ipv6"],
            }),
    );
    return [...resources.values()].filter(({ type }) => type.includes("metallb.io"));
}

function bgp(version: string): Announce {
    const { serviceSelector, ...rest } = fullBgp();
    return {
        ...rest,
        peers: Object.fromEntries(
            Object.entries(rest.peers).map(([name, peer]) => [
                name,
                {
                    ...peer,
                    bfd: { receiveIntervalMilliseconds: 150, detectMultiplier: 5, passiveMode: false },
                },
            ]),
        ),
        advertise: ["LoadBalancerIP"],
        ...(minorOf(version) >= 16
            ? { serviceSelector }
            : { aggregationLengthIPv4: 24, aggregationLengthIPv6: 64 }),
    };
}

describe("the objects of MetalLb", () => {
    it.each(VERSIONS)("that announce by BGP are accepted by the CRDs of %s", async (version) => {
        const written = await objects(version, bgp(version));
        expect(written).toHaveLength(10);
        expect(written.flatMap(({ inputs }) => complaints(`metallb-${version}`, inputs))).toEqual([]);
    });

    it.each(VERSIONS)("that announce by L2 are accepted by the CRDs of %s", async (version) => {
        const written = await objects(version, {
            mode: "l2",
            interfaces: ["eth0"],
            nodeSelector: { matchLabels: { edge: "true" } },
            ...(minorOf(version) >= 16 ? { serviceSelector: { matchLabels: { public: "true" } } } : {}),
        });
        expect(written).toHaveLength(3);
        expect(written.flatMap(({ inputs }) => complaints(`metallb-${version}`, inputs))).toEqual([]);
    });

    it("would be refused with a field that their version does not have", async () => {
        const written = await objects("0.16.1", bgp("0.16.1"));
        expect(written.flatMap(({ inputs }) => complaints("metallb-0.14.9", inputs)).sort()).toEqual([
            'metallb.io/v1beta1 BGPAdvertisement/spec must NOT have additional properties {"additionalProperty":"serviceSelectors"}',
            'metallb.io/v1beta2 BGPPeer/spec must NOT have additional properties {"additionalProperty":"dualStackAddressFamily"}',
            'metallb.io/v1beta2 BGPPeer/spec must NOT have additional properties {"additionalProperty":"dualStackAddressFamily"}',
            'metallb.io/v1beta2 BGPPeer/spec must NOT have additional properties {"additionalProperty":"dualStackAddressFamily"}',
        ]);
    });
});
