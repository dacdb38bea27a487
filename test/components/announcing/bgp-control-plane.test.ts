import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";

import { BgpControlPlane } from "../../../components/announcing/bgp-control-plane.ts";
import { ANNOUNCED, fullBgp, plane, smallBgp } from "./bgp-fixtures.ts";
import { get, made, waitsFor } from "./program.ts";

const PASSWORDS = { left: "secret-of-the-racks", right: "secret-of-the-racks", core: "secret-of-the-core" };

const full = () =>
    plane({
        bgp: {
            ...fullBgp(),
            nodes: {
                "east-1": { routerId: "10.255.0.1", localAddress: "192.168.10.11", localPort: 1179 },
                "east-2": { localASN: 65011, localAddress: "fd00:10::12" },
            },
        },
        families: ["ipv4", "ipv6"],
        passwords: PASSWORDS,
    });

describe("BgpControlPlane with one neighbour", () => {
    it("makes three objects, whose values are all written out", async () => {
        const resources = await made(() => plane());
        expect([...resources.values()].map(({ type }) => type).sort()).toEqual([
            "kubernetes:cilium.io/v2:CiliumBGPAdvertisement",
            "kubernetes:cilium.io/v2:CiliumBGPClusterConfig",
            "kubernetes:cilium.io/v2:CiliumBGPPeerConfig",
            "multicluster:announcing:BgpControlPlane",
        ]);
        expect(get(resources, "east-peer-b3d416c3").inputs).toEqual({
            apiVersion: "cilium.io/v2",
            kind: "CiliumBGPPeerConfig",
            metadata: { name: "bgp-b3d416c3" },
            spec: {
                ebgpMultihop: 1,
                timers: { connectRetryTimeSeconds: 120, holdTimeSeconds: 90, keepAliveTimeSeconds: 30 },
                transport: { peerPort: 179 },
                families: [{ afi: "ipv4", safi: "unicast", advertisements: ANNOUNCED }],
            },
        });
        expect(get(resources, "east-advertisement").inputs).toEqual({
            apiVersion: "cilium.io/v2",
            kind: "CiliumBGPAdvertisement",
            metadata: { name: "bgp", labels: ANNOUNCED.matchLabels },
            spec: {
                advertisements: [
                    {
                        advertisementType: "Service",
                        service: { addresses: ["LoadBalancerIP"] },
                        selector: {
                            matchExpressions: [
                                { key: "multicluster/announce", operator: "NotIn", values: ["never"] },
                            ],
                        },
                    },
                ],
            },
        });
        expect(get(resources, "east-cluster").inputs).toEqual({
            apiVersion: "cilium.io/v2",
            kind: "CiliumBGPClusterConfig",
            metadata: { name: "bgp" },
            spec: {
                bgpInstances: [
                    {
                        name: "bgp",
                        localASN: 65010,
                        peers: [
                            {
                                name: "tor",
                                peerASN: 65000,
                                peerAddress: "192.168.10.1",
                                peerConfigRef: { name: "bgp-b3d416c3" },
                            },
                        ],
                    },
                ],
            },
        });
    });

    it("writes the older API up to Cilium 1.17", async () => {
        const resources = await made(() => plane({ ciliumVersion: "1.17.16" }));
        expect([...resources.values()].slice(1).map(({ inputs }) => inputs["apiVersion"])).toEqual([
            "cilium.io/v2alpha1",
            "cilium.io/v2alpha1",
            "cilium.io/v2alpha1",
        ]);
    });

    it("announces pod ranges alone without a Service advertisement", async () => {
        const resources = await made(() => plane({ bgp: { ...smallBgp(), advertise: ["PodCIDR"] } }));
        expect(get(resources, "east-advertisement").inputs["spec"]).toEqual({
            advertisements: [{ advertisementType: "PodCIDR" }],
        });
    });

    it("announces networks instead of single addresses", async () => {
        const bgp = {
            ...smallBgp(),
            advertise: ["ClusterIP" as const],
            aggregationLengthIPv4: 24,
            aggregationLengthIPv6: 128,
        };
        const resources = await made(() => plane({ bgp }));
        expect(get(resources, "east-advertisement").inputs["spec"]).toMatchObject({
            advertisements: [{ service: { addresses: ["ClusterIP"], aggregationLengthIPv4: 24 } }],
        });
        expect(JSON.stringify(get(resources, "east-advertisement").inputs)).not.toContain("IPv6");
    });

    it("names the source interface of a session", async () => {
        const tor = { address: "192.168.10.1", asn: 65000, sourceInterface: "lo1" };
        const resources = await made(() => plane({ bgp: { ...smallBgp(), peers: { tor } } }));
        const [config] = [...resources.values()].filter(({ type }) => type.endsWith("CiliumBGPPeerConfig"));
        expect(config?.inputs["spec"]).toMatchObject({
            transport: { peerPort: 179, sourceInterface: "lo1" },
        });
    });
});

describe("BgpControlPlane with everything", () => {
    it("makes one session object and one Secret for neighbours that share them", async () => {
        const resources = await made(full);
        expect([...resources.keys()].sort()).toEqual([
            "east",
            "east-advertisement",
            "east-cluster",
            "east-node-east-1",
            "east-node-east-2",
            "east-password-28dc4007",
            "east-password-d856f867",
            "east-peer-8cd01935",
            "east-peer-c98214ce",
        ]);
        expect(get(resources, "east-cluster").inputs["spec"]).toEqual({
            nodeSelector: { matchLabels: { edge: "true" } },
            bgpInstances: [
                {
                    name: "bgp",
                    localASN: 65010,
                    peers: [
                        {
                            name: "left",
                            peerASN: 65000,
                            peerAddress: "192.168.10.1",
                            peerConfigRef: { name: "bgp-8cd01935" },
                        },
                        {
                            name: "right",
                            peerASN: 65000,
                            peerAddress: "192.168.10.2",
                            peerConfigRef: { name: "bgp-8cd01935" },
                        },
                        {
                            name: "core",
                            peerASN: 65010,
                            peerAddress: "fd00:10::1",
                            peerConfigRef: { name: "bgp-c98214ce" },
                        },
                    ],
                },
            ],
        });
    });

    it("leaves the others' objects alone when one of those that share them changes", async () => {
        const before = await made(full);
        const changed = fullBgp();
        const { right, ...others } = changed.peers;
        const peers = {
            ...others,
            ...(right === undefined ? {} : { right: { ...right, holdTimeSeconds: 30 } }),
        };
        const after = await made(() =>
            plane({ bgp: { ...changed, peers }, families: ["ipv4", "ipv6"], passwords: PASSWORDS }),
        );
        const shared = "east-peer-8cd01935";
        expect(get(after, shared).inputs).toEqual(get(before, shared).inputs);
        const configs = (all: typeof after) => [...all.keys()].filter((name) => name.includes("-peer-"));
        expect(configs(after)).toHaveLength(configs(before).length + 1);
    });

    it("writes what a session is made of", async () => {
        const resources = await made(full);
        const families = ["ipv4", "ipv6"].map((afi) => ({ afi, safi: "unicast", advertisements: ANNOUNCED }));
        expect(get(resources, "east-peer-8cd01935").inputs["spec"]).toEqual({
            authSecretRef: "bgp-password-d856f867",
            ebgpMultihop: 2,
            timers: { connectRetryTimeSeconds: 120, holdTimeSeconds: 90, keepAliveTimeSeconds: 30 },
            transport: { peerPort: 179 },
            families,
        });
        expect(get(resources, "east-peer-c98214ce").inputs["spec"]).toEqual({
            authSecretRef: "bgp-password-28dc4007",
            ebgpMultihop: 1,
            timers: { connectRetryTimeSeconds: 5, holdTimeSeconds: 9, keepAliveTimeSeconds: 3 },
            gracefulRestart: { enabled: true, restartTimeSeconds: 120 },
            transport: { peerPort: 1790 },
            families,
        });
    });

    it("gives Services and pod ranges the same attributes, communities sorted by form", async () => {
        const attributes = {
            communities: {
                standard: ["65000:100", "4259840100"],
                large: ["65000:1:2"],
                wellKnown: ["no-export"],
            },
            localPreference: 200,
        };
        expect(get(await made(full), "east-advertisement").inputs["spec"]).toEqual({
            advertisements: [
                {
                    advertisementType: "Service",
                    service: { addresses: ["LoadBalancerIP", "ExternalIP"] },
                    selector: { matchLabels: { public: "true" } },
                    attributes,
                },
                { advertisementType: "PodCIDR", attributes },
            ],
        });
    });

    it("overrides what a node does differently, with its source address towards neighbours of that family", async () => {
        const resources = await made(full);
        expect(get(resources, "east-node-east-1").inputs).toEqual({
            apiVersion: "cilium.io/v2",
            kind: "CiliumBGPNodeConfigOverride",
            metadata: { name: "east-1" },
            spec: {
                bgpInstances: [
                    {
                        name: "bgp",
                        routerID: "10.255.0.1",
                        localPort: 1179,
                        peers: [
                            { name: "left", localAddress: "192.168.10.11" },
                            { name: "right", localAddress: "192.168.10.11" },
                        ],
                    },
                ],
            },
        });
        expect(get(resources, "east-node-east-2").inputs["spec"]).toEqual({
            bgpInstances: [
                { name: "bgp", localASN: 65011, peers: [{ name: "core", localAddress: "fd00:10::12" }] },
            ],
        });
    });

    it("keeps passwords in Secrets, secret, and nowhere else", async () => {
        const resources = await made(full);
        const secret = get(resources, "east-password-d856f867");
        expect(secret.inputs).toEqual({
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: "bgp-password-d856f867", namespace: "kube-system" },
            stringData: { password: "secret-of-the-racks" },
        });
        expect(secret.secretPaths).toEqual(["stringData"]);
        expect(secret.type).toBe("kubernetes:core/v1:Secret");
        const others = [...resources.values()].filter(({ type }) => type !== "kubernetes:core/v1:Secret");
        expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toContain("secret-of");
        expect(others.flatMap(({ secretPaths }) => secretPaths)).toEqual([]);
    });

    it("puts Secrets where Cilium was told to look", async () => {
        const resources = await made(() =>
            plane({
                bgp: fullBgp(),
                passwords: PASSWORDS,
                secretsNamespace: "bgp-secrets",
            }),
        );
        expect(get(resources, "east-password-28dc4007").inputs["metadata"]).toEqual({
            name: "bgp-password-28dc4007",
            namespace: "bgp-secrets",
        });
    });

    it("lets sessions begin when everything they are made of is there", async () => {
        const resources = await made(full);
        expect(waitsFor(get(resources, "east-peer-8cd01935"))).toEqual(["east-password-d856f867"]);
        expect(waitsFor(get(resources, "east-peer-c98214ce"))).toEqual(["east-password-28dc4007"]);
        expect(waitsFor(get(resources, "east-advertisement"))).toEqual([]);
        expect(waitsFor(get(resources, "east-cluster"))).toEqual([
            "east-advertisement",
            "east-node-east-1",
            "east-node-east-2",
            "east-peer-8cd01935",
            "east-peer-c98214ce",
        ]);
    });

    it("belongs to the component and uses its provider; nothing is protected", async () => {
        const resources = await made(() => {
            const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
            new BgpControlPlane(
                "east",
                { ciliumVersion: "1.19.6", bgp: smallBgp(), families: ["ipv4"] },
                { provider },
            );
        });
        const parent = get(resources, "east").urn;
        const children = [...resources.values()].filter(({ name }) => name.startsWith("east-"));
        expect(children).toHaveLength(3);
        for (const child of children) {
            expect(child).toMatchObject({
                parent,
                provider: get(resources, "cluster").urn,
                protect: false,
            });
        }
    });

    it("exposes what it makes, the object that starts the sessions last", async () => {
        const counts: number[] = [];
        await made(() => {
            counts.push(full().resources.length);
        });
        expect(counts).toEqual([8]);
    });

    it("registers the same, byte for byte, each time", async () => {
        const text = async () =>
            [...(await made(full)).values()].map((resource) => JSON.stringify(resource)).sort();
        expect(await text()).toEqual(await text());
    });
});
