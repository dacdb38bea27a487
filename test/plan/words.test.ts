import { describe, expect, it } from "vitest";

import type { Announce, Ssh } from "../../model/resolved.ts";
import { resolveMesh } from "../../model/resolve.ts";
import {
    announceText,
    count,
    meshApiText,
    peersText,
    poolText,
    routingText,
    sshText,
    topologyText,
} from "../../plan/words.ts";
import { sampleDescription } from "./sample.ts";

const mesh = resolveMesh(sampleDescription);

it("counts in the singular and in the plural", () => {
    expect([0, 1, 2].map((number) => count(number, "node"))).toEqual(["0 nodes", "1 node", "2 nodes"]);
});

it("says who is connected with whom", () => {
    const [first] = mesh.clusters;
    if (first === undefined) throw new Error("the sample has two clusters");
    expect(topologyText({ ...mesh, topology: { kind: "full" } })).toBe("every cluster with every other");
    expect(topologyText({ ...mesh, topology: { kind: "hubs", hubs: ["a", "b"] } })).toBe(
        "a, b with every cluster, the others only with these",
    );
    expect(topologyText({ ...mesh, clusters: [first] })).toBe("one cluster, ready to be joined by others");
});

it("says where a mesh API is reached", () => {
    const [east] = mesh.clusters;
    if (east === undefined) throw new Error("the sample has two clusters");
    expect(meshApiText(east)).toBe("192.168.10.200:2379");
    expect(meshApiText({ ...east, meshApi: { type: "NodePort", replicas: 1, port: 32379 } })).toBe(
        "every node's port 32379",
    );
});

it("counts peers where there are too many to name", () => {
    const peers = Array.from({ length: 13 }, (_, id) => ({ name: `c${id}`, id, addresses: [], port: 2379 }));
    expect(peersText([])).toBe("none");
    expect(peersText(peers.slice(0, 2))).toBe("c0, c1");
    expect(peersText(peers)).toBe("13 clusters");
});

it("says how packets travel", () => {
    expect(routingText({ mode: "tunnel", protocol: "geneve" })).toBe("tunnel (geneve)");
    const native = { mode: "native", autoDirectNodeRoutes: true, endpointRoutes: false } as const;
    expect(routingText(native)).toBe("native");
    expect(
        routingText({ ...native, ipv4NativeRoutingCIDR: "10.0.0.0/8", ipv6NativeRoutingCIDR: "fd00::/8" }),
    ).toBe("native 10.0.0.0/8 fd00::/8");
});

it("says what a pool gives out, and what it keeps", () => {
    const pool = { name: "mesh", addresses: ["10.0.0.1-10.0.0.254"], autoAssign: true };
    expect(poolText(pool)).toBe("pool mesh: 10.0.0.1-10.0.0.254");
    const reserved = { of: ["10.0.0.0/24"], addresses: ["10.0.0.0", "10.0.0.255"] };
    expect(poolText({ ...pool, reserved })).toBe(
        "pool mesh: 10.0.0.1-10.0.0.254 (10.0.0.0, 10.0.0.255 reserved)",
    );
});

describe("announceText", () => {
    it.each<[Announce, string]>([
        [{ mode: "none" }, "announced by someone else"],
        [{ mode: "l2" }, "announced by L2 on every interface"],
        [{ mode: "l2", interfaces: ["eth0", "eth1"] }, "announced by L2 on eth0, eth1"],
    ])("reads %j", (announce, expected) => {
        expect(announceText(announce)).toBe(expected);
    });

    it("names both sides of BGP, and what is announced", () => {
        const peers = {
            a: { address: "192.0.2.1", asn: 65000 },
            b: { address: "192.0.2.2", asn: 65000, password: { fromConfig: "secretKey" } },
        };
        expect(
            announceText({ mode: "bgp", localASN: 65001, peers, advertise: ["PodCIDR", "LoadBalancerIP"] }),
        ).toBe(
            "announced by BGP from AS 65001 to a 192.0.2.1 (AS 65000), b 192.0.2.2 (AS 65000): PodCIDR, LoadBalancerIP",
        );
    });
});

it("names every instance, and every advertisement with those that it is for", () => {
    const announce: Announce = {
        mode: "bgp",
        localASN: 65001,
        peers: { a: { address: "192.0.2.1", asn: 65000 } },
        instances: { rack2: { localASN: 65002, peers: { b: { defaultGateway: "ipv6", asn: "any" } } } },
        advertise: ["LoadBalancerIP", "PodCIDR"],
        advertisements: {
            public: { advertise: ["LoadBalancerIP", "PodCIDR"] },
            own: { interfaceAddresses: ["lo1"], peers: ["b"] },
        },
    };
    expect(announceText(announce)).toBe(
        "announced by BGP from AS 65001 to a 192.0.2.1 (AS 65000); " +
            "from AS 65002 (rack2) to b the default gateway (ipv6) (any AS): " +
            "public (LoadBalancerIP, PodCIDR), own (addresses of lo1 to b)",
    );
});

it("says how a host is reached, and through which other one", () => {
    const ssh: Ssh = { host: "192.0.2.1", port: 22, user: "root", auth: { agent: true } };
    expect(sshText(ssh)).toBe("ssh root@192.0.2.1");
    expect(sshText({ ...ssh, port: 2222, jumpHost: { ...ssh, host: "jump", user: "ops" } })).toBe(
        "ssh root@192.0.2.1:2222 through ops@jump",
    );
});
