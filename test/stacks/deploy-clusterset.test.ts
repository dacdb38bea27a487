/* A DNS that answers for clusterset.local, from the description to the cluster. */
import { describe, expect, it } from "vitest";

import { plan } from "../../plan/plan.ts";
import { highlyAvailable, type TwoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";
import { waitsFor } from "./every-option.ts";

const DNS = "multicluster:dns:ClustersetDns";
const CONFIG = "kubernetes:helm.cattle.io/v1:HelmChartConfig";

/** East's DNS answers for it, west only has the API. */
function mesh(change: (mesh: TwoClusters) => unknown = () => undefined): TwoClusters {
    const two = highlyAvailable();
    two.cilium.mcsApi = true;
    two.clusters.east.cilium = { mcsApi: { dns: true } };
    change(two);
    return two;
}

const all = ({ resources }: Deployment) =>
    resources.map(({ urn, inputs, dependsOn }) => ({ urn, inputs, dependsOn }));

describe("clusterset.local", async () => {
    const deployment = await deployed(mesh());

    it("is answered for where it is asked for, when the network is there", () => {
        const found = deployment.resources.filter(({ type }) => type === DNS).map(({ name }) => name);
        expect(found).toEqual(["east-clusterset-dns"]);
        expect(deployment.one(DNS, "east-clusterset-dns").inputs).toEqual({ rke2Version: "v1.35.7+rke2r1" });
        expect(waitsFor(deployment.one(DNS, "east-clusterset-dns"))).toEqual(["east-cilium-ready"]);
    });

    it("changes nothing else of the mesh", async () => {
        const without = await deployed(mesh(({ clusters: { east } }) => (east.cilium = { mcsApi: true })));
        const added = new Set(
            deployment.below(deployment.one(DNS, "east-clusterset-dns").urn).map(({ urn }) => urn),
        );
        // What was described is part of what this gate opens after.
        const isGate = ({ urn }: { urn: string }) => urn.endsWith("::east-mesh-api-ready");
        const rest = all(deployment).filter(
            (resource) => !added.has(resource.urn) && !resource.urn.includes(DNS) && !isGate(resource),
        );
        expect(rest).toEqual(all(without).filter((resource) => !isGate(resource)));
    });
});

it("waits for an upgrade of RKE2 from inside the cluster, which brings another CoreDNS", async () => {
    const deployment = await deployed(
        mesh((two) => {
            two.rke2.upgrade = { by: "system-upgrade-controller" };
        }),
    );
    expect(waitsFor(deployment.one(DNS, "east-clusterset-dns"))).toEqual(
        expect.arrayContaining(["east-upgrade-servers-upgraded", "east-upgrade-agents-upgraded"]),
    );
});

it("goes with the Cilium that RKE2 brings", async () => {
    const deployment = await deployed(
        mesh(({ clusters: { east } }) => {
            east.cilium = { mcsApi: { dns: true }, chart: { bundled: true } };
        }),
    );
    expect(
        deployment.resources
            .filter(({ type }) => type === CONFIG)
            .map(({ name }) => name)
            .sort(),
    ).toEqual(["east-cilium-bundled-config", "east-clusterset-dns-config"]);
});

it("is in the plan, as a line and as the object", async () => {
    const { tree, files } = await plan({ description: mesh(), stack: "test" });
    expect(tree.split("\n").filter((line) => line.includes("DNS  "))).toEqual([
        expect.stringMatching(/DNS {11}clusterset\.local too, by RKE2's CoreDNS 1\.14\.6$/),
    ]);
    expect([...files.keys()].filter((name) => name.includes("coredns"))).toMatchInlineSnapshot(`
      [
        "east/manifests/08-clusterrole-multicluster-coredns.yaml",
        "east/manifests/09-clusterrolebinding-multicluster-coredns.yaml",
        "east/manifests/10-helmchartconfig-rke2-coredns.yaml",
      ]
    `);
});
