/*
 * What RKE2's own Cilium is configured with, in Cilium's chart of the same version: RKE2's is that one with other defaults. Not
 * shown: RKE2's own templates, which are to be had in its repository of charts alone.
 */
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { minorOf } from "../../model/support/version.ts";
import { kubernetesOf } from "../../model/support/matrix.ts";
import type { RecordedResource } from "../../plan/record.ts";
import { bundledConfig } from "../../components/cilium/bundled-values.ts";
import { full, plain } from "../components/cilium/fixtures.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { render } from "./render.ts";

const BUNDLED = { chart: { bundled: true } } as const;
/** What rke2-cilium has by default otherwise than Cilium, as far as it changes what is installed. */
const UNLIKE = {
    kubeProxyReplacement: "false",
    cni: { chainingMode: "portmap", exclusive: false },
    hubble: { enabled: false, relay: { prometheus: { enabled: true } } },
    ipam: { mode: "kubernetes" },
    envoy: { enabled: false },
    operator: { setNodeTaints: false },
};
const valuesOf = z.record(z.string(), z.json());

/** The values of a version, in a chart that may be of another. */
function rendered(chart: string, args: Parameters<typeof bundledConfig>[0]) {
    const { object, mark } = bundledConfig(args, "kube-system");
    const values = over(UNLIKE, valuesOf.parse(parse(object.spec.valuesContent)));
    const inputs: RecordedResource["inputs"] = {
        name: "rke2-cilium",
        chart: "cilium",
        version: chart,
        namespace: "kube-system",
        values,
    };
    const release = render({ inputs }, `v1.${kubernetesOf(minorOf(chart))?.to ?? 0}.1+rke2r1`);
    return release.then((rendering) => ({ ...rendering, mark }));
}

type Values = z.infer<typeof valuesOf>;

function over(base: Values, values: Values): Values {
    return Object.fromEntries(
        [...new Set([...Object.keys(base), ...Object.keys(values)])].map((key) => {
            const [below, above] = [valuesOf.safeParse(base[key]).data, valuesOf.safeParse(values[key]).data];
            const own = values[key] ?? base[key] ?? null;
            return [key, below === undefined || above === undefined ? own : over(below, above)];
        }),
    );
}

describe.each(CILIUM_VERSIONS)("RKE2's own Cilium %s", (version) => {
    it("is what this program would install, and says so on its operator", async () => {
        const { manifest, mark, warnings } = await rendered(version, full(version, BUNDLED));
        const config = manifest.configMap("cilium-config");
        expect(warnings).toBe("");
        expect(config).toMatchObject({
            "kube-proxy-replacement": "true",
            "enable-hubble": "true",
            "cluster-name": "east",
        });
        // Left out it is none, too.
        expect(config["cni-chaining-mode"] ?? "none").toBe("none");
        const operator = manifest.objects.find(
            ({ kind, metadata }) => kind === "Deployment" && metadata.name === "cilium-operator",
        );
        expect(operator?.metadata).toMatchObject({ annotations: { "multicluster/values": mark } });
    });
});

// An upgrade of RKE2 brings the next chart before this program writes its values: for minutes it runs with those of before.
describe.each(CILIUM_VERSIONS.slice(1))("The values of the version before Cilium %s", (version) => {
    const before = CILIUM_VERSIONS[CILIUM_VERSIONS.indexOf(version) - 1] ?? "";

    it.each([
        ["with nothing special", plain(before, BUNDLED)],
        ["with everything", full(before, BUNDLED)],
    ])("are taken by its chart, %s, and keep what is encrypted and who is served", async (_, args) => {
        const [old, next] = [await rendered(before, args), await rendered(version, args)];
        const [was, is] = [old, next].map(({ manifest }) => manifest.configMap("cilium-config"));
        const kept = [
            "cluster-name",
            "cluster-id",
            "max-connected-clusters",
            "kube-proxy-replacement",
            "routing-mode",
            "ipam",
            "enable-wireguard",
            "clustermesh-enable-mcs-api",
        ];
        const strict = (config: Readonly<Record<string, string>> = {}) =>
            config["enable-encryption-strict-mode"] ?? config["enable-encryption-strict-mode-egress"];
        expect(strict(is)).toBe(strict(was));
        for (const key of kept) expect(is?.[key]).toBe(was?.[key]);
    });
});
