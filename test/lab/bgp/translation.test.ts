import { describe, expect, it } from "vitest";

import type { Bgp } from "../../../model/resolved.ts";
import { ciliumObjects, metalLbObjects, type Described } from "./described.ts";
import { speakersOfCilium } from "./from-cilium.ts";
import { speakersOfMetalLb } from "./from-metallb.ts";
import { Objects } from "./objects.ts";

const BGP: Bgp = {
    mode: "bgp",
    localASN: 64_511,
    peers: {
        spine: {
            address: "10.88.9.1",
            asn: 65_000,
            port: 1790,
            ebgpMultihop: 2,
            password: { fromConfig: "spinePassword" },
            gracefulRestart: {},
            holdTimeSeconds: 9,
            keepAliveTimeSeconds: 3,
            connectRetryTimeSeconds: 5,
        },
    },
    advertise: ["LoadBalancerIP"],
    aggregationLengthIPv4: 24,
    communities: ["65000:100", "65000:1:2", "no-export"],
};

const DESCRIBED: Described = {
    node: { name: "east-1", address: "10.88.1.11" },
    bgp: BGP,
    families: ["ipv4", "ipv6"],
    addresses: ["10.201.0.200", "fd00:201::200"],
    password: "agreed-by-telephone",
};

/** What a node says to the spine by that description, but for the one thing that MetalLB cannot say. */
function speaker(ttl: number) {
    const attributes = { communities: ["65000:100", "65535:65281"], largeCommunities: ["65000:1:2"] };
    return {
        node: "east-1",
        address: "10.88.1.11",
        asn: 64_511,
        routerId: "10.88.1.11",
        sessions: [
            {
                name: "spine",
                address: "10.88.9.1",
                asn: 65_000,
                port: 1790,
                password: "agreed-by-telephone",
                ttl,
                holdTime: 9,
                keepAliveTime: 3,
                connectRetryTime: 5,
                restartTime: 120,
                families: ["ipv4", "ipv6"],
                routes: [
                    { prefix: "10.201.0.0/24", ...attributes },
                    { prefix: "fd00:201::200/128", ...attributes },
                ],
            },
        ],
    };
}

/** Sorted as neither announcer promises an order. */
function sorted(speakers: ReturnType<typeof speakersOfCilium>) {
    return speakers.map(({ sessions, ...rest }) => ({
        ...rest,
        sessions: sessions.map(({ routes, ...session }) => ({
            ...session,
            routes: routes.map((route) => ({ ...route, communities: [...route.communities].sort() })),
        })),
    }));
}

describe("the objects of one description", () => {
    it("make Cilium's agent speak as described", () => {
        expect(sorted(speakersOfCilium(ciliumObjects(DESCRIBED), "east-1"))).toEqual([speaker(2)]);
    });

    it("make MetalLB's speaker say the same, over any number of hops", () => {
        expect(sorted(speakersOfMetalLb(metalLbObjects(DESCRIBED), "east-1"))).toEqual([speaker(255)]);
    });

    it("let only the selected nodes speak", () => {
        const bgp = { ...BGP, nodeSelector: { matchLabels: { edge: "true" } } };
        const described = { ...DESCRIBED, bgp };
        expect(speakersOfCilium(ciliumObjects(described), "east-1")).toEqual([]);
        expect(speakersOfMetalLb(metalLbObjects(described), "east-1")).toEqual([]);
    });

    it("let a single node do otherwise, with Cilium", () => {
        const nodes = { "east-1": { routerId: "10.255.0.1", localASN: 64_599, localAddress: "10.88.1.12" } };
        const [found] = speakersOfCilium(ciliumObjects({ ...DESCRIBED, bgp: { ...BGP, nodes } }), "east-1");
        expect(found).toMatchObject({
            routerId: "10.255.0.1",
            asn: 64_599,
            sessions: [{ localAddress: "10.88.1.12" }],
        });
    });

    it("tell nobody of what is not selected", () => {
        const bgp = { ...BGP, serviceSelector: { matchLabels: { public: "true" } } };
        const described = { ...DESCRIBED, bgp };
        for (const [found] of [
            speakersOfCilium(ciliumObjects(described), "east-1"),
            speakersOfMetalLb(metalLbObjects(described), "east-1"),
        ]) {
            expect(found?.sessions.map(({ routes }) => routes)).toEqual([[]]);
        }
    });
});

describe("objects that cannot be translated", () => {
    const node = {
        kind: "Node",
        metadata: { name: "east-1" },
        status: { addresses: [{ type: "InternalIP", address: "10.88.1.11" }] },
    };
    const config = (peer: object) => ({
        kind: "CiliumBGPClusterConfig",
        metadata: { name: "bgp" },
        spec: { bgpInstances: [{ name: "bgp", localASN: 64_511, peers: [peer] }] },
    });
    const peer = {
        name: "spine",
        peerASN: 65_000,
        peerAddress: "10.88.9.1",
        peerConfigRef: { name: "nowhere" },
    };

    it("because one names another that is not there", () => {
        expect(() => speakersOfCilium(new Objects([node, config(peer)]), "east-1")).toThrow(
            "there is no CiliumBGPPeerConfig nowhere, which the CiliumBGPClusterConfig bgp names",
        );
    });

    it("because a field would stay unseen", () => {
        expect(() =>
            speakersOfCilium(new Objects([node, config({ ...peer, color: "red" })]), "east-1"),
        ).toThrow(/a CiliumBGPClusterConfig is not as it is read here: .*"color"/s);
    });

    it("because MetalLB takes a password from a Secret of one type only", () => {
        const secret = {
            kind: "Secret",
            metadata: { name: "password", namespace: "metallb-system" },
            type: "Opaque",
            data: { password: "YQ==" },
        };
        const session = {
            kind: "BGPPeer",
            metadata: { name: "spine", namespace: "metallb-system" },
            spec: {
                myASN: 64_511,
                peerASN: 65_000,
                peerAddress: "10.88.9.1",
                holdTime: "1m30s",
                keepaliveTime: "30s",
                connectTime: "2m0s",
                passwordSecret: { name: "password" },
            },
        };
        expect(() => speakersOfMetalLb(new Objects([node, secret, session]), "east-1")).toThrow(
            "the Secret metallb-system/password is of the type Opaque, not kubernetes.io/basic-auth",
        );
    });
});
