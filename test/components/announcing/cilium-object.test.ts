/* What this does not show: that the engine and the provider keep the object; the lab's upgrade does. */
import { expect, it } from "vitest";

import { BgpControlPlane } from "../../../components/announcing/bgp-control-plane.ts";
import { L2Announcements } from "../../../components/announcing/l2-announcements.ts";
import { LbIpam } from "../../../components/load-balancing/lb-ipam.ts";
import { CILIUM_MINORS } from "../../../model/support/matrix.ts";
import { made } from "./program.ts";

/** Everything of Cilium's that this program ever makes, by logical name. */
async function objects(ciliumVersion: string) {
    const resources = await made(() => {
        new LbIpam("pools", {
            ciliumVersion,
            pools: [{ name: "mesh", addresses: ["10.99.0.0/24"], autoAssign: true }],
        });
        new L2Announcements("l2", { ciliumVersion, l2: { mode: "l2" } });
        new BgpControlPlane("bgp", {
            ciliumVersion,
            families: ["ipv4"],
            bgp: {
                mode: "bgp",
                localASN: 65010,
                peers: { tor: { address: "192.168.10.1", asn: 65000 } },
                advertise: ["LoadBalancerIP"],
                nodes: { "east-1": { routerId: "10.255.0.1" } },
            },
        });
    });
    return [...resources.values()].filter(({ custom }) => custom);
}

/** `cilium.io/v2alpha1:CiliumBGPPeerConfig` with the types that a state may have it under. */
const names = async (ciliumVersion: string) =>
    (await objects(ciliumVersion)).map(({ type, aliases = [] }) => [type, aliases]);

const KINDS = [
    "CiliumBGPAdvertisement",
    "CiliumBGPClusterConfig",
    "CiliumBGPNodeConfigOverride",
    "CiliumBGPPeerConfig",
    "CiliumLoadBalancerIPPool",
];

it.each([
    ["1.17.16", "v2alpha1", "v2"],
    ["1.18.11", "v2", "v2alpha1"],
    ["1.20.2", "v2", "v2alpha1"],
])("is known in Cilium %s as %s, and as what it was made as in %s", async (version, now, before) => {
    expect((await names(version)).sort()).toEqual(
        [
            ...KINDS.map((kind) => [
                `kubernetes:cilium.io/${now}:${kind}`,
                [`kubernetes:cilium.io/${before}:${kind}`],
            ]),
            ["kubernetes:cilium.io/v2alpha1:CiliumL2AnnouncementPolicy", []],
        ].sort(),
    );
});

it("is one and the same in each version and in the next", async () => {
    for (const minor of CILIUM_MINORS.slice(1)) {
        const [before, after] = [await objects(`1.${minor - 1}.0`), await objects(`1.${minor}.0`)];
        expect(after.map(({ name }) => name)).toEqual(before.map(({ name }) => name));
        for (const [index, { type, aliases = [], inputs }] of after.entries()) {
            const old = before[index];
            expect([type, ...aliases]).toContain(old?.type);
            // Another name is the one thing that makes the provider delete an object.
            expect(inputs["metadata"]).toEqual(old?.inputs["metadata"]);
        }
    }
});
