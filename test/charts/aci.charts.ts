/* The two environments for ACI: what the chart and the CRDs of their Cilium make of them. */
import { describe, expect, it } from "vitest";

import type { MeshDescription } from "../../model/describe.ts";
import aciAdvanced from "../../stacks/aci-advanced.ts";
import aciSimple from "../../stacks/aci-simple.ts";
import { deployed } from "../support/program.ts";
import { ciliumCrds } from "./crds.ts";
import { render } from "./render.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";

async function rendered(mesh: MeshDescription) {
    const deployment = await deployed(mesh);
    const { manifest } = await render(deployment.one(RELEASE, "north-cilium-chart"), mesh.rke2.version);
    return { deployment, config: manifest.configMap("cilium-config") };
}

async function complaints(mesh: MeshDescription): Promise<string[]> {
    const { resources } = await deployed(mesh);
    const crds = ciliumCrds(mesh.cilium.version);
    const objects = resources.filter(({ type }) => type.startsWith("kubernetes:cilium.io/"));
    expect(objects.length).toBeGreaterThan(0);
    return objects.flatMap(({ inputs }) => crds.complaints(inputs));
}

describe("aci-simple", () => {
    it("routes pods as they are, directly where nodes are neighbours, and announces them by BGP", async () => {
        const { config } = await rendered(aciSimple);
        expect(config).toMatchObject({
            "routing-mode": "native",
            "ipv4-native-routing-cidr": "10.64.0.0/12",
            "auto-direct-node-routes": "true",
            "direct-routing-skip-unreachable": "true",
            "enable-endpoint-routes": "true",
            "enable-bgp-control-plane": "true",
            "kube-proxy-replacement": "true",
        });
    });

    it("has objects that the CRDs take", async () => {
        expect(await complaints(aciSimple)).toEqual([]);
    });
});

describe("aci-advanced", () => {
    it("balances by Maglev in the driver, lets the pod's node answer, and has an egress gateway", async () => {
        const { config } = await rendered(aciAdvanced);
        expect(config).toMatchObject({
            "routing-mode": "tunnel",
            "tunnel-protocol": "geneve",
            "bpf-lb-mode": "dsr",
            "bpf-lb-dsr-dispatch": "geneve",
            "bpf-lb-algorithm": "maglev",
            "bpf-lb-acceleration": "native",
            devices: "eth0",
            "enable-bgp-control-plane": "true",
            "enable-egress-gateway": "true",
            "enable-bpf-masquerade": "true",
        });
    });

    it("lets ingress nodes announce Services, egress nodes their own addresses, and no other node speak", async () => {
        const { deployment } = await rendered(aciAdvanced);
        const configs = deployment
            .inCluster("north")
            .filter(({ type }) => type.endsWith(":CiliumBGPClusterConfig"))
            .map(({ inputs }) => inputs["spec"]);
        expect(configs).toHaveLength(2);
        for (const role of ["ingress", "egress"]) {
            expect(configs).toContainEqual(
                expect.objectContaining({ nodeSelector: { matchLabels: { "example.net/role": role } } }),
            );
        }
    });

    it("has objects that the CRDs take", async () => {
        expect(await complaints(aciAdvanced)).toEqual([]);
    });
});
