import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import type { MetalLbArgs } from "../../../components/load-balancing/metal-lb.ts";
import { smallBgp } from "../announcing/bgp-fixtures.ts";
import { get, made, waitsFor } from "../announcing/program.ts";
import { fullBgpForMetalLb, GATEKEEPER, metalLb } from "./metal-lb-fixtures.ts";

describe("MetalLb by BGP", () => {
    const full = (args: Partial<MetalLbArgs> = {}) =>
        metalLb({
            announce: fullBgpForMetalLb(),
            passwords: { left: pulumi.output("secret-of-the-racks"), core: "secret-of-the-core" },
            ...args,
        });

    it("makes a session out of the least there is, with all times written out", async () => {
        const resources = await made(() => metalLb({ announce: smallBgp() }));
        expect([...resources.keys()].sort()).toEqual([
            "east",
            "east-bgp",
            "east-chart",
            "east-namespace",
            "east-peer-tor",
            "east-pool-mesh",
        ]);
        expect(get(resources, "east-peer-tor").inputs).toEqual({
            apiVersion: "metallb.io/v1beta2",
            kind: "BGPPeer",
            metadata: { name: "tor", namespace: "metallb-system" },
            spec: {
                myASN: 65010,
                peerASN: 65000,
                peerAddress: "192.168.10.1",
                peerPort: 179,
                holdTime: "90s",
                keepaliveTime: "30s",
                connectTime: "120s",
                ebgpMultiHop: false,
                enableGracefulRestart: false,
                dualStackAddressFamily: false,
            },
        });
        expect(get(resources, "east-bgp").inputs).toEqual({
            apiVersion: "metallb.io/v1beta1",
            kind: "BGPAdvertisement",
            metadata: { name: "bgp", namespace: "metallb-system" },
            spec: { ipAddressPools: ["mesh"], peers: ["tor"] },
        });
    });

    it("makes sessions with passwords, BFD and all else", async () => {
        const resources = await made(() => full());
        expect(get(resources, "east-peer-left").inputs["spec"]).toEqual({
            myASN: 65010,
            peerASN: 65000,
            peerAddress: "192.168.10.1",
            peerPort: 179,
            holdTime: "90s",
            keepaliveTime: "30s",
            connectTime: "120s",
            ebgpMultiHop: true,
            enableGracefulRestart: false,
            dualStackAddressFamily: false,
            bfdProfile: "left",
            passwordSecret: { name: "bgp-password-left", namespace: "metallb-system" },
            nodeSelectors: [{ matchLabels: { edge: "true" } }],
        });
        expect(get(resources, "east-peer-core").inputs["spec"]).toEqual({
            myASN: 65010,
            peerASN: 65010,
            peerAddress: "fd00:10::1",
            peerPort: 1790,
            holdTime: "9s",
            keepaliveTime: "3s",
            connectTime: "5s",
            ebgpMultiHop: false,
            enableGracefulRestart: true,
            dualStackAddressFamily: true,
            bfdProfile: "core",
            passwordSecret: { name: "bgp-password-core", namespace: "metallb-system" },
            nodeSelectors: [{ matchLabels: { edge: "true" } }],
        });
        expect(get(resources, "east-bfd-left").inputs).toEqual({
            apiVersion: "metallb.io/v1beta1",
            kind: "BFDProfile",
            metadata: { name: "left", namespace: "metallb-system" },
            spec: {
                receiveInterval: 150,
                transmitInterval: 200,
                detectMultiplier: 5,
                passiveMode: true,
                minimumTtl: 250,
            },
        });
        expect(get(resources, "east-bfd-core").inputs["spec"]).toEqual({});
    });

    it("gives communities names, and the advertisement those names", async () => {
        const resources = await made(() => full());
        expect(get(resources, "east-communities").inputs).toEqual({
            apiVersion: "metallb.io/v1beta1",
            kind: "Community",
            metadata: { name: "communities", namespace: "metallb-system" },
            spec: {
                communities: [
                    { name: "standard-65000-100", value: "65000:100" },
                    { name: "no-export", value: "65535:65281" },
                    { name: "large-65000-1-2", value: "large:65000:1:2" },
                    { name: "standard-4259840100", value: "65000:100" },
                ],
            },
        });
        expect(get(resources, "east-bgp").inputs["spec"]).toEqual({
            ipAddressPools: ["mesh"],
            peers: ["left", "core"],
            localPref: 200,
            communities: ["standard-65000-100", "no-export", "large-65000-1-2", "standard-4259840100"],
        });
    });

    it("announces networks, or the Services selected", async () => {
        const pools = [{ name: "mesh", addresses: ["10.9.0.0/24"], autoAssign: true }];
        const wide = { ...smallBgp(), aggregationLengthIPv4: 24, aggregationLengthIPv6: 64 };
        const network = await made(() => metalLb({ pools, announce: wide }));
        expect(get(network, "east-bgp").inputs["spec"]).toEqual({
            ipAddressPools: ["mesh"],
            peers: ["tor"],
            aggregationLength: 24,
            aggregationLengthV6: 64,
        });
        const some = { ...smallBgp(), serviceSelector: { matchLabels: { public: "true" } } };
        const selected = await made(() => metalLb({ announce: some }));
        expect(get(selected, "east-bgp").inputs["spec"]).toEqual({
            ipAddressPools: ["mesh"],
            peers: ["tor"],
            serviceSelectors: [{ matchLabels: { public: "true" } }],
        });
    });

    it("carries both families in every session of a dual-stack cluster", async () => {
        const announce = smallBgp();
        const both = await made(() => metalLb({ announce, families: ["ipv4", "ipv6"] }));
        expect(get(both, "east-peer-tor").inputs["spec"]).toMatchObject({ dualStackAddressFamily: true });
        const old = await made(() => metalLb({ announce, families: ["ipv4", "ipv6"], version: "0.14.9" }));
        expect(get(old, "east-peer-tor").inputs["spec"]).toMatchObject({ disableMP: false });
        const one = await made(() => metalLb({ announce, version: "0.14.9" }));
        expect(get(one, "east-peer-tor").inputs["spec"]).toMatchObject({ disableMP: true });
    });

    it("makes a session after its password and its profile, and the advertisement after its communities", async () => {
        const resources = await made(() => full({ gatekeeper: GATEKEEPER }));
        expect(waitsFor(get(resources, "east-peer-left"))).toEqual([
            "east-bfd-left",
            "east-password-left",
            "east-ready",
        ]);
        expect(waitsFor(get(resources, "east-password-left"))).toEqual(["east-ready"]);
        expect(waitsFor(get(resources, "east-bfd-left"))).toEqual(["east-ready"]);
        expect(waitsFor(get(resources, "east-communities"))).toEqual(["east-ready"]);
        expect(waitsFor(get(resources, "east-bgp"))).toEqual(["east-communities", "east-ready"]);
    });

    it("keeps passwords in Secrets of the type that MetalLB reads, secret, and nowhere else", async () => {
        const resources = await made(() => full());
        const secret = get(resources, "east-password-left");
        expect(secret.inputs).toEqual({
            apiVersion: "v1",
            kind: "Secret",
            metadata: { name: "bgp-password-left", namespace: "metallb-system" },
            type: "kubernetes.io/basic-auth",
            stringData: { password: "secret-of-the-racks" },
        });
        expect(secret.secretPaths).toEqual(["stringData"]);
        const others = [...resources.values()].filter(({ type }) => type !== "kubernetes:core/v1:Secret");
        expect(JSON.stringify(others.map(({ inputs }) => inputs))).not.toContain("secret-of");
        expect(others.flatMap(({ secretPaths }) => secretPaths)).toEqual([]);
    });

    it("registers the same, byte for byte, each time", async () => {
        const text = async () =>
            [...(await made(() => full())).values()].map((resource) => JSON.stringify(resource)).sort();
        expect(await text()).toEqual(await text());
    });
});
