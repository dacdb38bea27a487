import { describe, expect, it } from "vitest";

import { fullBgp, plane, smallBgp } from "./bgp-fixtures.ts";
import { refused } from "./program.ts";

describe("BgpControlPlane refuses", () => {
    it("what the version lacks and what cannot be, all at once and before anything is registered", async () => {
        const bgp = {
            ...smallBgp(),
            peers: { tor: { address: "192.168.10.1", asn: 65000, sourceInterface: "lo1", bfd: {} } },
            aggregationLengthIPv4: 24,
        };
        expect(await refused(() => plane({ ciliumVersion: "1.17.16", bgp, families: [] }))).toBe(
            [
                "BgpControlPlane east: 4 problems",
                '✖ bgp.peers.tor.sourceInterface = "lo1"',
                "    Cilium has it since 1.19, not in 1.17.16",
                "    fix: use Cilium 1.19 or later, or leave it out",
                "✖ bgp.peers.tor.bfd = {}",
                "    is not in the open-source Cilium",
                "    fix: leave it out and shorten holdTimeSeconds, or let MetalLB announce",
                "✖ bgp.aggregationLengthIPv4 = 24",
                "    Cilium has it since 1.18, not in 1.17.16",
                "    fix: use Cilium 1.18 or later, or leave it out",
                "✖ families",
                "    names no address family: nothing would be announced",
                '    fix: name those of the cluster: ["ipv4"], ["ipv6"] or both',
            ].join("\n"),
        );
    });

    it("a missing password, one too many, no neighbours, a family twice and an unknown Cilium", async () => {
        expect(
            await refused(() =>
                plane({ bgp: fullBgp(), passwords: { left: "a", right: "a", tor: "hidden" } }),
            ),
        ).toBe(
            [
                "BgpControlPlane east: 2 problems",
                "✖ passwords.core",
                "    is missing: the neighbour is described with a password",
                "    fix: pass the secret that its description names",
                "✖ passwords.tor",
                "    is of no neighbour that is described with a password",
                "    fix: describe it under peers.tor.password, or leave it out",
            ].join("\n"),
        );
        expect(
            await refused(() =>
                plane({
                    ciliumVersion: "1.21.0",
                    bgp: { ...smallBgp(), peers: {} },
                    families: ["ipv4", "ipv4"],
                }),
            ),
        ).toBe(
            [
                "BgpControlPlane east: 3 problems",
                '✖ ciliumVersion = "1.21.0"',
                "    is not a Cilium that this program knows",
                "    fix: use one of 1.16, 1.17, 1.18, 1.19, 1.20",
                "✖ bgp.peers",
                "    names no neighbour: nothing would be announced",
                "    fix: describe at least one",
                '✖ families[1] = "ipv4"',
                "    is there twice",
                "    fix: write it once",
            ].join("\n"),
        );
    });
});
