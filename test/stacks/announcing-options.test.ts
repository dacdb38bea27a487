/* Every option of announcing, each other than its default, on its way from the description to the resources. */
import { expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { oneCluster, twoClusters } from "../support/mesh.ts";
import { deployed } from "../support/program.ts";

const BGP = "multicluster:announcing:BgpControlPlane";
const RELEASE = "kubernetes:helm.sh/v3:Release";

const tor = { address: "192.168.10.1", asn: 65000, password: fromConfig("tor") };
const spine = { address: "192.168.10.2", asn: 65000, password: fromConfig("spine") };

async function deployment() {
    const mesh = twoClusters();
    const { east, west } = mesh.clusters;
    mesh.cilium.version = "1.20.2";
    east.loadBalancer = {
        provider: "lb-ipam",
        pools: { mesh: { addresses: ["10.250.1.0/24"], reserved: ["10.250.1.0", "10.250.1.255"] } },
    };
    east.meshApi = { type: "LoadBalancer", sharing: { key: "mesh", namespaces: ["web"] } };
    east.announce = {
        mode: "bgp",
        localASN: 65001,
        localPort: 1790,
        peers: { tor },
        routerIds: "10.255.0.0/28",
        instances: {
            two: {
                localASN: 65002,
                localPort: 1791,
                peers: { spine, gateway: { defaultGateway: "ipv4", asn: "any" } },
            },
        },
        advertisements: {
            bgp: { advertise: ["LoadBalancerIP", "ClusterIP"] },
            own: { interfaceAddresses: ["lo1"], peers: ["spine"] },
        },
    };
    west.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["192.168.20.200-192.168.20.219"] } };
    west.announce = {
        mode: "l2",
        lease: { durationSeconds: 9, renewDeadlineSeconds: 3, retryPeriodSeconds: 1 },
        services: 600,
    };
    mesh.clusters["north"] = {
        ...oneCluster(3, "north"),
        loadBalancer: { provider: "metallb", pools: { mesh: ["10.250.3.0/24"], web: ["10.250.4.0/24"] } },
        announce: {
            mode: "bgp",
            localASN: 65003,
            peers: { leaf: { address: "192.168.30.1", asn: 65000 } },
            instances: {
                two: { localASN: 65003, peers: { other: { address: "192.168.30.2", asn: 65000 } } },
            },
            advertisements: {
                bgp: {},
                web: { pools: ["web"], peers: ["other"], communities: ["no-export"] },
            },
        },
    };
    return await deployed(mesh);
}

const made = await deployment();

function specOf(type: string, name: string): unknown {
    return made.one(type, name).inputs["spec"];
}

function valuesOf(cluster: string): unknown {
    return made.one(RELEASE, `${cluster}-cilium-chart`).inputs["values"];
}

it("lets LB-IPAM give out what is not reserved", () => {
    expect(specOf("kubernetes:cilium.io/v2:CiliumLoadBalancerIPPool", "east-lb-ipam-mesh")).toEqual({
        blocks: [{ start: "10.250.1.1", stop: "10.250.1.254" }],
    });
});

it("lets every instance speak, each neighbour with its password", () => {
    expect(specOf("kubernetes:cilium.io/v2:CiliumBGPClusterConfig", "east-bgp-cluster")).toMatchObject({
        bgpInstances: [
            { name: "bgp", localASN: 65001, localPort: 1790, peers: [{ name: "tor" }] },
            {
                name: "two",
                localASN: 65002,
                localPort: 1791,
                peers: [
                    { name: "spine", peerAddress: "192.168.10.2" },
                    { name: "gateway", autoDiscovery: { mode: "DefaultGateway" } },
                ],
            },
        ],
    });
    const below = made.below(made.one(BGP, "east-bgp").urn);
    expect(below.filter(({ type }) => type === "kubernetes:core/v1:Secret")).toHaveLength(2);
});

it("announces every advertisement", () => {
    const kind = "kubernetes:cilium.io/v2:CiliumBGPAdvertisement";
    expect(specOf(kind, "east-bgp-advertisement")).toMatchObject({
        advertisements: [{ service: { addresses: ["LoadBalancerIP", "ClusterIP"] } }],
    });
    expect(specOf(kind, "east-bgp-advertisement-own")).toEqual({
        advertisements: [{ advertisementType: "Interface", interface: { name: "lo1" } }],
    });
    expect(specOf("kubernetes:metallb.io/v1beta1:BGPAdvertisement", "north-metallb-bgp-web")).toEqual({
        ipAddressPools: ["web"],
        peers: ["other"],
        communities: ["no-export"],
    });
    expect(specOf("kubernetes:metallb.io/v1beta2:BGPPeer", "north-metallb-peer-other")).toMatchObject({
        myASN: 65003,
        peerAddress: "192.168.30.2",
    });
});

it("prepares Cilium for what it announces", () => {
    expect(valuesOf("east")).toMatchObject({
        bgpControlPlane: {
            enabled: true,
            routerIDAllocation: { mode: "ip-pool", ipPool: "10.255.0.0/28" },
        },
        bpf: { lbExternalClusterIP: true },
        clustermesh: {
            apiserver: {
                service: {
                    annotations: {
                        "lbipam.cilium.io/ips": "10.250.1.1",
                        "lbipam.cilium.io/sharing-key": "mesh",
                        "lbipam.cilium.io/sharing-cross-namespace": "web",
                    },
                },
            },
        },
    });
    expect(valuesOf("west")).toMatchObject({
        l2announcements: {
            enabled: true,
            leaseDuration: "9s",
            leaseRenewDeadline: "3s",
            leaseRetryPeriod: "1s",
        },
        k8sClientRateLimit: { qps: 210, burst: 420 },
    });
});
