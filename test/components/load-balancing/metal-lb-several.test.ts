import { describe, expect, it } from "vitest";

import type { Bgp, Pool } from "../../../model/resolved.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { get, made, waitsFor } from "../announcing/program.ts";
import { metalLb } from "./metal-lb-fixtures.ts";

const RACK_1 = { matchLabels: { rack: "1" } };
const RACK_2 = { matchLabels: { rack: "2" } };

const POOLS: readonly Pool[] = ["mesh", "web"].map((name, index) => ({
    name,
    addresses: [`10.9.${index}.0/24`],
    autoAssign: true,
}));

/** Two racks with their own routers, and two advertisements. */
const SEVERAL: Bgp = {
    mode: "bgp",
    localASN: 65010,
    nodeSelector: RACK_1,
    peers: { left: { address: "192.168.10.1", asn: 65000 } },
    instances: {
        rack2: {
            localASN: 65011,
            nodeSelector: RACK_2,
            peers: { right: { address: "192.168.10.2", asn: 65000, password: { fromConfig: "right" } } },
        },
    },
    advertise: ["LoadBalancerIP"],
    advertisements: {
        bgp: { communities: ["65000:100"] },
        web: {
            pools: ["web"],
            peers: ["right"],
            communities: ["65000:100", "no-export"],
            aggregationLengthIPv4: 24,
        },
    },
};

const all = (version = "0.16.1") =>
    made(() => metalLb({ version, pools: POOLS, announce: SEVERAL, passwords: { right: "secret" } }));

describe("MetalLb with several instances and advertisements", () => {
    it("lets each node speak with its own neighbours", async () => {
        const resources = await all();
        expect(get(resources, "east-peer-left").inputs["spec"]).toMatchObject({
            myASN: 65010,
            peerAddress: "192.168.10.1",
            nodeSelectors: [RACK_1],
        });
        expect(get(resources, "east-peer-right").inputs["spec"]).toMatchObject({
            myASN: 65011,
            peerAddress: "192.168.10.2",
            nodeSelectors: [RACK_2],
            passwordSecret: { name: "bgp-password-right", namespace: "metallb-system" },
        });
        expect(waitsFor(get(resources, "east-peer-right"))).toContain("east-password-right");
    });

    it("tells each neighbour what is for it, out of the pools that are for it", async () => {
        const resources = await all();
        expect(get(resources, "east-bgp").inputs).toMatchObject({
            metadata: { name: "bgp" },
            spec: {
                ipAddressPools: ["mesh", "web"],
                peers: ["left", "right"],
                communities: ["standard-65000-100"],
            },
        });
        expect(get(resources, "east-bgp-web").inputs).toEqual({
            apiVersion: "metallb.io/v1beta1",
            kind: "BGPAdvertisement",
            metadata: { name: "bgp-web", namespace: "metallb-system" },
            spec: {
                ipAddressPools: ["web"],
                peers: ["right"],
                aggregationLength: 24,
                communities: ["standard-65000-100", "no-export"],
            },
        });
        expect(get(resources, "east-communities").inputs["spec"]).toEqual({
            communities: [
                { name: "standard-65000-100", value: "65000:100" },
                { name: "no-export", value: "65535:65281" },
            ],
        });
        for (const name of ["east-bgp", "east-bgp-web"]) {
            expect(waitsFor(get(resources, name))).toContain("east-communities");
        }
    });

    it.each(["0.14.9", "0.15.3", "0.16.1"])("is accepted by the CRDs of %s", async (version) => {
        const written = [...(await all(version)).values()].filter(({ type }) => type.includes("metallb.io"));
        expect(written).toHaveLength(2 + 2 + 2 + 1);
        expect(written.flatMap(({ inputs }) => complaints(`metallb-${version}`, inputs))).toEqual([]);
    });

    it("gives out no address that is reserved", async () => {
        const pools = [
            {
                name: "mesh",
                addresses: ["10.9.0.1-10.9.0.99", "10.9.0.101"],
                reserved: { of: ["10.9.0.0/24"], addresses: ["10.9.0.0"] },
                autoAssign: true,
            },
        ];
        expect(get(await made(() => metalLb({ pools })), "east-pool-mesh").inputs["spec"]).toEqual({
            addresses: ["10.9.0.1-10.9.0.99", "10.9.0.101/32"],
            autoAssign: true,
        });
    });
});
