import { describe, expect, it } from "vitest";

import { resolveMesh } from "../../../model/resolve.ts";
import { resolveAnnounce, resolvePool } from "../../../model/resolve/announce.ts";
import { neededSecrets } from "../../../model/secrets.ts";
import { twoClusters } from "../../support/mesh.ts";

describe("resolvePool", () => {
    it("gives out all of its addresses, unless some are reserved", () => {
        expect(resolvePool("mesh", ["10.0.0.0/24"])).toEqual({
            name: "mesh",
            addresses: ["10.0.0.0/24"],
            autoAssign: true,
        });
        expect(
            resolvePool("mesh", {
                addresses: ["10.0.0.0/24", "fd00::/120"],
                reserved: ["10.0.0.0", "10.0.0.255"],
                autoAssign: false,
            }),
        ).toEqual({
            name: "mesh",
            addresses: ["10.0.0.1-10.0.0.254", "fd00::/120"],
            reserved: { of: ["10.0.0.0/24", "fd00::/120"], addresses: ["10.0.0.0", "10.0.0.255"] },
            autoAssign: false,
        });
    });

    it("takes the mesh API's address past what is reserved, and past the network's number as without it", () => {
        const addressOf = (reserved: string[]) => {
            const mesh = twoClusters();
            mesh.clusters.east.loadBalancer = {
                provider: "metallb",
                pools: { mesh: { addresses: ["10.250.1.0/24"], reserved } },
            };
            const { meshApi } = resolveMesh(mesh).clusters[0] ?? {};
            return meshApi?.type === "LoadBalancer" ? meshApi.address : undefined;
        };
        expect(addressOf(["10.250.1.255"])).toBe("10.250.1.1");
        expect(addressOf(["10.250.1.0-10.250.1.9"])).toBe("10.250.1.10");
    });
});

describe("resolveAnnounce", () => {
    const tor = { address: "192.168.10.1", asn: 65000 };

    it("adds what BGP announces by default, and nothing else", () => {
        const plain = { mode: "bgp", localASN: 65001, peers: { tor } } as const;
        expect(resolveAnnounce(plain)).toEqual({ ...plain, advertise: ["LoadBalancerIP"] });
        expect(resolveAnnounce({ mode: "l2", services: 500 })).toEqual({ mode: "l2", services: 500 });
    });

    it("asks for the passwords of every instance, by its place", () => {
        const mesh = twoClusters();
        mesh.clusters.east.announce = {
            mode: "bgp",
            localASN: 65001,
            peers: { tor: { ...tor, password: { fromConfig: "tor" } } },
            instances: {
                two: { localASN: 65001, peers: { spine: { ...tor, password: { fromConfig: "spine" } } } },
            },
        };
        expect(neededSecrets(resolveMesh(mesh))).toEqual([
            { key: "tor", kind: "text", path: "clusters.east.announce.peers.tor.password" },
            { key: "spine", kind: "text", path: "clusters.east.announce.instances.two.peers.spine.password" },
        ]);
    });
});
