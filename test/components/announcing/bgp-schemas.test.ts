import { CiliumBGPAdvertisement } from "@kubernetes-models/cilium/cilium.io/v2/CiliumBGPAdvertisement";
import { CiliumBGPClusterConfig } from "@kubernetes-models/cilium/cilium.io/v2/CiliumBGPClusterConfig";
import { CiliumBGPNodeConfigOverride } from "@kubernetes-models/cilium/cilium.io/v2/CiliumBGPNodeConfigOverride";
import { CiliumBGPPeerConfig } from "@kubernetes-models/cilium/cilium.io/v2/CiliumBGPPeerConfig";
import { describe, expect, it } from "vitest";

import { BgpControlPlane } from "../../../components/announcing/bgp-control-plane.ts";
import { minorOf } from "../../../model/support/version.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { fullBgp, smallBgp } from "./bgp-fixtures.ts";
import { get, made, modelComplaint } from "./program.ts";

const VERSIONS = ["1.16.19", "1.17.16", "1.18.11", "1.19.6", "1.20.2"];
const MODELS = {
    CiliumBGPAdvertisement,
    CiliumBGPClusterConfig,
    CiliumBGPNodeConfigOverride,
    CiliumBGPPeerConfig,
} as const;

/** Everything that this version of Cilium can do. */
function objects(ciliumVersion: string) {
    const minor = minorOf(ciliumVersion);
    const bgp = fullBgp();
    return made(
        () =>
            new BgpControlPlane("east", {
                ciliumVersion,
                bgp: {
                    ...bgp,
                    peers: {
                        ...bgp.peers,
                        ...(minor < 19
                            ? {}
                            : { oob: { address: "192.0.2.1", asn: 65001, sourceInterface: "eth1" } }),
                    },
                    ...(minor < 18 ? {} : { aggregationLengthIPv4: 24, aggregationLengthIPv6: 64 }),
                    nodes: {
                        "east-1": {
                            routerId: "10.255.0.1",
                            localAddress: "192.168.10.11",
                            localPort: 1179,
                            ...(minor < 18 ? {} : { localASN: 65011 }),
                        },
                    },
                },
                families: ["ipv4", "ipv6"],
                passwords: { left: "a", right: "a", core: "b" },
            }),
    );
}

describe("the objects of BgpControlPlane", () => {
    it.each(VERSIONS)("are accepted by the CRDs of Cilium %s", async (version) => {
        const written = [...(await objects(version)).values()].filter(({ type }) =>
            type.includes("cilium.io"),
        );
        expect(written).toHaveLength(minorOf(version) < 19 ? 5 : 6);
        expect(written.flatMap(({ inputs }) => complaints(`cilium-1.${minorOf(version)}`, inputs))).toEqual(
            [],
        );
    });

    it("are accepted by the published models of the objects", async () => {
        const checked = [...(await objects("1.19.6")).values()].flatMap(({ inputs }) =>
            Object.entries(MODELS)
                .filter(([kind]) => kind === inputs["kind"])
                .map(([, model]) => modelComplaint(model, inputs)),
        );
        expect(checked).toEqual(checked.map(() => undefined));
        expect(checked).toHaveLength(6);
        expect(modelComplaint(MODELS.CiliumBGPPeerConfig, { spec: { timers: { holdTimeSeconds: 1 } } })).toBe(
            "data must have required property metadata, data/spec/timers/holdTimeSeconds must be >= 3",
        );
    });

    it("would be refused with a field that their version does not have", async () => {
        const resources = await made(
            () =>
                new BgpControlPlane("east", {
                    ciliumVersion: "1.17.16",
                    bgp: smallBgp(),
                    families: ["ipv4"],
                }),
        );
        const { inputs } = get(resources, "east-peer-b3d416c3");
        const spec = { transport: { sourceInterface: "lo1" } };
        expect(complaints("cilium-1.17", { ...inputs, spec })).toEqual([
            'cilium.io/v2alpha1 CiliumBGPPeerConfig/spec/transport must NOT have additional properties {"additionalProperty":"sourceInterface"}',
        ]);
        expect(complaints("cilium-1.17", { ...inputs, apiVersion: "cilium.io/v2" })).toEqual([
            "cilium-1.17 serves no cilium.io/v2 CiliumBGPPeerConfig",
        ]);
    });

    it("would be refused where a rule of the CRD is broken", async () => {
        const { inputs } = get(await objects("1.19.6"), "east-advertisement");
        const advertisements = [{ advertisementType: "PodCIDR", selector: {} }];
        expect(complaints("cilium-1.19", { ...inputs, spec: { advertisements } })).toHaveLength(1);
    });
});
