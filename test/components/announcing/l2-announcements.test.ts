import * as k8s from "@pulumi/kubernetes";
import { CiliumL2AnnouncementPolicy } from "@kubernetes-models/cilium/cilium.io/v2alpha1/CiliumL2AnnouncementPolicy";
import { describe, expect, it } from "vitest";

import { L2Announcements } from "../../../components/announcing/l2-announcements.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { get, made, modelComplaint, refused } from "./program.ts";

const FULL = {
    mode: "l2",
    interfaces: ["^eth[0-9]+$", "^bond0$"],
    nodeSelector: { matchLabels: { rack: "a" } },
    serviceSelector: { matchExpressions: [{ key: "public", operator: "Exists" }] },
    loadBalancerIPs: true,
    externalIPs: true,
} as const;

const full = () => new L2Announcements("east", { ciliumVersion: "1.19.6", l2: mutable(FULL) });

/** The description's lists are mutable. */
function mutable({ interfaces, serviceSelector, ...rest }: typeof FULL) {
    return {
        ...rest,
        interfaces: [...interfaces],
        serviceSelector: { matchExpressions: [...serviceSelector.matchExpressions] },
    };
}

describe("L2Announcements", () => {
    it("announces load balancers' addresses from every node and interface where nothing else is said", async () => {
        const resources = await made(
            () => new L2Announcements("east", { ciliumVersion: "1.19.6", l2: { mode: "l2" } }),
        );
        expect(get(resources, "east-policy").inputs).toEqual({
            apiVersion: "cilium.io/v2alpha1",
            kind: "CiliumL2AnnouncementPolicy",
            metadata: { name: "l2" },
            spec: { loadBalancerIPs: true, externalIPs: false },
        });
    });

    it("writes one policy with all that is described, and nothing else", async () => {
        const resources = await made(full);
        expect([...resources.values()].map(({ type, name }) => [type, name])).toEqual([
            ["multicluster:announcing:L2Announcements", "east"],
            ["kubernetes:cilium.io/v2alpha1:CiliumL2AnnouncementPolicy", "east-policy"],
        ]);
        const policy = get(resources, "east-policy");
        expect(policy.inputs["spec"]).toEqual({
            loadBalancerIPs: true,
            externalIPs: true,
            interfaces: ["^eth[0-9]+$", "^bond0$"],
            nodeSelector: { matchLabels: { rack: "a" } },
            serviceSelector: { matchExpressions: [{ key: "public", operator: "Exists" }] },
        });
        expect(policy.parent).toBe(get(resources, "east").urn);
        expect(policy.secretPaths).toEqual([]);
    });

    it("uses the name given and the provider of its parent", async () => {
        const resources = await made(() => {
            const provider = new k8s.Provider("cluster", { kubeconfig: "{}" });
            new L2Announcements(
                "east",
                { ciliumVersion: "1.16.19", l2: { mode: "l2" }, policyName: "edge" },
                { provider },
            );
        });
        const policy = get(resources, "east-policy");
        expect(policy.inputs["metadata"]).toEqual({ name: "edge" });
        expect(policy.provider).toBe(get(resources, "cluster").urn);
    });

    it.each(["1.16", "1.17", "1.18", "1.19", "1.20"])(
        "is accepted by the CRDs of Cilium %s",
        async (minor) => {
            const policy = get(await made(full), "east-policy");
            expect(complaints(`cilium-${minor}`, policy.inputs)).toEqual([]);
        },
    );

    it("is accepted by the published model of the object", async () => {
        const policy = get(await made(full), "east-policy");
        expect(modelComplaint(CiliumL2AnnouncementPolicy, policy.inputs)).toBeUndefined();
    });

    it("refuses an expression that Go cannot read, an announcement of nothing and an unknown Cilium, all at once", async () => {
        expect(
            await refused(
                () =>
                    new L2Announcements("east", {
                        ciliumVersion: "1.15.0",
                        l2: { mode: "l2", interfaces: ["eth0", "^eth(?!0)"], loadBalancerIPs: false },
                    }),
            ),
        ).toMatchInlineSnapshot(`
          "L2Announcements east: 3 problems
          ✖ ciliumVersion = "1.15.0"
              is not a Cilium that this program knows
              fix: use one of 1.16, 1.17, 1.18, 1.19, 1.20
          ✖ l2.interfaces[1] = "^eth(?!0)"
              is not a regular expression of Go's: error parsing regexp: invalid or unsupported Perl syntax: \`(?!\`
              fix: write one such as "^eth[0-9]+$"; Go has neither look-around nor back-references
          ✖ l2.loadBalancerIPs = false
              leaves nothing to announce: externalIPs is not true either
              fix: leave it out, or set externalIPs to true"
        `);
    });

    it("accepts external addresses alone", async () => {
        const l2 = { mode: "l2", loadBalancerIPs: false, externalIPs: true } as const;
        const resources = await made(() => new L2Announcements("east", { ciliumVersion: "1.20.2", l2 }));
        expect(get(resources, "east-policy").inputs["spec"]).toEqual({
            loadBalancerIPs: false,
            externalIPs: true,
        });
    });
});
