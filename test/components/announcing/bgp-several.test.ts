import { describe, expect, it } from "vitest";

import type { Bgp } from "../../../model/resolved.ts";
import { minorOf } from "../../../model/support/version.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { ANNOUNCED, plane, smallBgp } from "./bgp-fixtures.ts";
import { get, made, waitsFor } from "./program.ts";

const VERSIONS = ["1.16.19", "1.17.16", "1.18.11", "1.19.6", "1.20.2"];
const RACK_2 = { matchLabels: { rack: "2" } };
const ONLY_ADVERTISED = { key: "multicluster/advertisement", operator: "In" };

/** Two racks with their own routers, a second instance on the nodes of the first, and three advertisements. */
function several(ciliumVersion = "1.20.2"): Bgp {
    const minor = minorOf(ciliumVersion);
    return {
        mode: "bgp",
        localASN: 65010,
        ...(minor >= 18 ? { localPort: 1790 } : {}),
        nodeSelector: { matchLabels: { rack: "1" } },
        peers: {
            left: { address: "192.168.10.1", asn: 65000 },
            right: { address: "192.168.10.2", asn: 65000 },
        },
        nodes: { "east-1": { routerId: "10.255.0.1" } },
        instances: {
            edge: {
                localASN: 65020,
                nodeSelector: { matchLabels: { rack: "1" } },
                peers: { firewall: { address: "192.168.10.9", asn: 65090 } },
                nodes: { "east-1": { routerId: "10.255.0.2", localAddress: "192.168.10.11" } },
            },
            rack2: {
                localASN: 65010,
                nodeSelector: RACK_2,
                peers:
                    minor >= 18
                        ? { gateway: { defaultGateway: "ipv4", asn: "any" } }
                        : { gateway: { address: "192.168.10.3", asn: 65000 } },
            },
        },
        advertise: ["LoadBalancerIP", "PodCIDR"],
        advertisements: {
            bgp: { advertise: ["LoadBalancerIP"], communities: ["65000:100"] },
            pods: { advertise: ["PodCIDR"], peers: ["left", "right", "gateway"] },
            ...(minor >= 19
                ? {
                      own: {
                          interfaceAddresses: ["egress0", "lo1"],
                          peers: ["firewall"],
                          communities: ["no-export"],
                      },
                  }
                : {}),
        },
    };
}

const all = (ciliumVersion = "1.20.2") =>
    made(() => plane({ ciliumVersion, bgp: several(ciliumVersion), families: ["ipv4"] }));

describe("BgpControlPlane with several instances", () => {
    it("describes those of the same nodes in one object, and others in another", async () => {
        const resources = await all();
        expect(get(resources, "east-cluster").inputs).toMatchObject({
            metadata: { name: "bgp" },
            spec: {
                nodeSelector: { matchLabels: { rack: "1" } },
                bgpInstances: [
                    {
                        name: "bgp",
                        localASN: 65010,
                        localPort: 1790,
                        peers: [
                            { name: "left", peerASN: 65000, peerAddress: "192.168.10.1" },
                            { name: "right", peerASN: 65000, peerAddress: "192.168.10.2" },
                        ],
                    },
                    {
                        name: "edge",
                        localASN: 65020,
                        peers: [{ name: "firewall", peerASN: 65090, peerAddress: "192.168.10.9" }],
                    },
                ],
            },
        });
        const [config] = [...resources.values()].filter(({ name }) => name === "east-cluster-rack2");
        expect(config?.inputs["metadata"]).toEqual({ name: "bgp-rack2" });
        expect(config?.inputs["spec"]).toEqual({
            nodeSelector: RACK_2,
            bgpInstances: [
                {
                    name: "rack2",
                    localASN: 65010,
                    peers: [
                        {
                            name: "gateway",
                            peerASN: 0,
                            autoDiscovery: {
                                mode: "DefaultGateway",
                                defaultGateway: { addressFamily: "ipv4" },
                            },
                            peerConfigRef: { name: sessionOf(resources, "left") },
                        },
                    ],
                },
            ],
        });
    });

    it("writes one override for a node, with what differs in each of its instances", async () => {
        expect(get(await all(), "east-node-east-1").inputs["spec"]).toEqual({
            bgpInstances: [
                { name: "bgp", routerID: "10.255.0.1" },
                {
                    name: "edge",
                    routerID: "10.255.0.2",
                    peers: [{ name: "firewall", localAddress: "192.168.10.11" }],
                },
            ],
        });
    });

    it("lets no session begin before everything is there", async () => {
        const resources = await all();
        const before = [...resources.keys()].filter((name) => /-(peer|advertisement|node)/.test(name)).sort();
        expect(before).toHaveLength(2 + 3 + 1);
        for (const name of ["east-cluster", "east-cluster-rack2"]) {
            expect(waitsFor(get(resources, name))).toEqual(before);
        }
    });

    it("keeps the passwords of every instance", async () => {
        const bgp = several();
        const { edge } = bgp.instances ?? {};
        if (edge === undefined) throw new Error("the fixture has changed");
        const peers = {
            firewall: { address: "192.168.10.9", asn: 65090, password: { fromConfig: "firewall" } },
        };
        const resources = await made(() =>
            plane({
                bgp: { ...bgp, instances: { ...bgp.instances, edge: { ...edge, peers } } },
                passwords: { firewall: "secret-of-the-wall" },
            }),
        );
        const secrets = [...resources.values()].filter(({ type }) => type === "kubernetes:core/v1:Secret");
        expect(secrets.map(({ inputs }) => inputs["stringData"])).toEqual([
            { password: "secret-of-the-wall" },
        ]);
    });
});

describe("BgpControlPlane with several advertisements", () => {
    it("writes each by its name, and the one called bgp where the only one would be", async () => {
        const resources = await all();
        const attributes = { communities: { wellKnown: ["no-export"] } };
        expect(
            ["", "-pods", "-own"].map((suffix) => get(resources, `east-advertisement${suffix}`).inputs),
        ).toEqual([
            {
                apiVersion: "cilium.io/v2",
                kind: "CiliumBGPAdvertisement",
                metadata: {
                    name: "bgp",
                    labels: { "multicluster/announce": "bgp", "multicluster/advertisement": "bgp" },
                },
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
                            attributes: { communities: { standard: ["65000:100"] } },
                        },
                    ],
                },
            },
            {
                apiVersion: "cilium.io/v2",
                kind: "CiliumBGPAdvertisement",
                metadata: {
                    name: "bgp-pods",
                    labels: { "multicluster/announce": "bgp", "multicluster/advertisement": "pods" },
                },
                spec: { advertisements: [{ advertisementType: "PodCIDR" }] },
            },
            {
                apiVersion: "cilium.io/v2",
                kind: "CiliumBGPAdvertisement",
                metadata: {
                    name: "bgp-own",
                    labels: { "multicluster/announce": "bgp", "multicluster/advertisement": "own" },
                },
                spec: {
                    advertisements: [
                        { advertisementType: "Interface", interface: { name: "egress0" }, attributes },
                        { advertisementType: "Interface", interface: { name: "lo1" }, attributes },
                    ],
                },
            },
        ]);
    });

    it("tells each neighbour those that are for it", async () => {
        const resources = await all();
        const told = (peer: string) =>
            get(resources, sessionOf(resources, peer).replace("bgp", "east-peer")).inputs;
        const families = (values: string[]) => ({
            spec: {
                families: [
                    {
                        afi: "ipv4",
                        safi: "unicast",
                        advertisements: { ...ANNOUNCED, matchExpressions: [{ ...ONLY_ADVERTISED, values }] },
                    },
                ],
            },
        });
        expect(told("left")).toMatchObject(families(["bgp", "pods"]));
        expect(told("firewall")).toMatchObject(families(["bgp", "own"]));
    });

    it("leaves the session of a neighbour that is told everything as it was with one", async () => {
        const one = await made(() => plane());
        const two = await made(() =>
            plane({
                bgp: { ...smallBgp(), advertisements: { bgp: {}, more: { advertise: ["ClusterIP"] } } },
            }),
        );
        expect(get(two, "east-peer-b3d416c3").inputs).toEqual(get(one, "east-peer-b3d416c3").inputs);
        expect(get(two, "east-cluster").inputs).toEqual(get(one, "east-cluster").inputs);
    });

    it.each(VERSIONS)("is accepted by the CRDs of Cilium %s", async (version) => {
        const written = [...(await all(version)).values()].filter(({ type }) => type.includes("cilium.io"));
        // Sessions, advertisements, instances on two kinds of nodes, an override.
        expect(written).toHaveLength(2 + (minorOf(version) >= 19 ? 3 : 2) + 2 + 1);
        expect(written.flatMap(({ inputs }) => complaints(`cilium-1.${minorOf(version)}`, inputs))).toEqual(
            [],
        );
    });
});

/** The session parameters of a neighbour. */
function sessionOf(resources: Awaited<ReturnType<typeof all>>, peer: string): string {
    const text = JSON.stringify(get(resources, "east-cluster").inputs);
    const found = new RegExp(`"name":"${peer}".*?"peerConfigRef":{"name":"(bgp-[0-9a-f]{8})"`).exec(
        text,
    )?.[1];
    if (found === undefined) throw new Error(`${peer} has no session in ${text}`);
    return found;
}
