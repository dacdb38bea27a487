import { expect, it } from "vitest";

import * as bundled from "../../../model/rules/bundled.ts";
import { existingCluster } from "../../support/existing.ts";
import type { TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

/** East's Cilium is RKE2's own. */
function brought({ clusters: { east } }: TwoClusters) {
    east.cilium = { ...east.cilium, chart: { bundled: true } };
    return east;
}

it("accepts the Cilium that the release brings, in one cluster and in all", () => {
    accepts(brought);
    accepts((mesh) => {
        mesh.cilium.chart = { bundled: true };
    });
});

it("refuses it in a cluster that is there already", () => {
    expect(
        refuses(bundled.bundledComesWithRke2, (mesh) => {
            mesh.clusters["north"] = existingCluster(3);
            mesh.cilium.chart = { bundled: true };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.cilium.chart
          is the one that RKE2 brings, and the cluster is there already: nobody would install it
          fix: name a chart for this cluster, such as cilium: { chart: { repository: "https://helm.cilium.io/" } }"
    `);
});

it("refuses another version than the release brings", () => {
    expect(
        refuses(bundled.bundledVersionIsBrought, (mesh) => {
            const east = brought(mesh);
            east.cilium = { ...east.cilium, version: "1.19.4" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.version = "1.19.4"
          is not what RKE2 v1.35.7+rke2r1 brings, which is Cilium 1.19.6 (rke2-cilium 1.19.601)
          fix: write "1.19.6", or use RKE2 v1.35.6+rke2r1, or install a chart of its own"
    `);
});

it("refuses a version that no release brings", () => {
    expect(
        refuses(bundled.bundledVersionIsBrought, (mesh) => {
            const east = brought(mesh);
            east.cilium = { ...east.cilium, version: "1.20.2" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.version = "1.20.2"
          is not what RKE2 v1.35.7+rke2r1 brings, which is Cilium 1.19.6 (rke2-cilium 1.19.601)
          fix: write "1.19.6", or install a chart of its own"
    `);
});

it("says nothing of versions where the chart is one of its own", () => {
    accepts(({ clusters: { east } }) => {
        east.cilium = { version: "1.19.4" };
    });
});

it("warns of a release that it does not know", () => {
    expect(
        warns(bundled.bundledVersionIsKnown, (mesh) => {
            brought(mesh).rke2 = { version: "v1.35.42+rke2r1" };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.version = "v1.35.42+rke2r1"
          is a release of which this program does not know what Cilium it brings: if it is not 1.19.6, up waits for that in vain, and then says what is there
          fix: look it up in the release's notes, under the chart rke2-cilium"
    `);
});

it("refuses upgrades from inside, which would wait for what they bring", () => {
    expect(
        refuses(bundled.bundledUpgradesOverSsh, (mesh) => {
            brought(mesh).rke2 = { upgrade: { by: "system-upgrade-controller" } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.upgrade.by = "system-upgrade-controller"
          upgrades RKE2 once the network runs as described, and RKE2 brings that network: it would be waited for before its upgrade begins
          fix: write upgrade: { by: "ssh" }, or install Cilium by a chart of its own"
    `);
});

it("refuses the Multi-Cluster Services API where its kinds would come too late", () => {
    const wanted = (version: string, rke2: string) => (mesh: TwoClusters) => {
        const east = brought(mesh);
        east.rke2 = { version: rke2 };
        east.cilium = { ...east.cilium, version, mcsApi: true };
    };
    expect(refuses(bundled.bundledFindsItsKinds, wanted("1.18.6", "v1.35.0+rke2r3"))).toMatchInlineSnapshot(`
      "clusters.east.cilium.mcsApi = true
          needs CRDs before Cilium 1.18.6 is installed, and RKE2 installs its own Cilium before there is an API to make them with
          fix: use an RKE2 that brings Cilium 1.19 or later, or install Cilium by a chart of its own"
    `);
    accepts(wanted("1.19.6", "v1.35.7+rke2r1"));
});

it("refuses an image of the operator's that says nothing of RKE2's", () => {
    expect(
        refuses(bundled.bundledImagesAreItsOwn, (mesh) => {
            const east = brought(mesh);
            east.cilium = { ...east.cilium, values: { operator: { image: { tag: "v1.19.9" } } } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.values.operator.image
          is another image than RKE2 brings, and by that image it is seen whether RKE2 has installed this version
          fix: take it out; a registry of your own is described as rke2.registries"
    `);
    accepts((mesh) => {
        const east = brought(mesh);
        east.cilium = { ...east.cilium, values: { operator: { priorityClassName: "high" } } };
    });
});

it.each(["rke2-cilium", "rke2-metrics-server, rke2-cilium", ["rke2-metrics-server", "rke2-cilium"]])(
    "refuses to have it disabled by %j",
    (disable) => {
        expect(
            refuses(bundled.bundledIsNotDisabled, (mesh) => {
                brought(mesh).rke2 = { config: { disable } };
            }),
        ).toBe(`clusters.east.rke2.config.disable = ${JSON.stringify(disable)}
    takes away the network that cilium.chart asks RKE2 for
    fix: leave rke2-cilium out, or install Cilium by a chart of its own`);
    },
);

it("accepts that something else is disabled", () => {
    accepts((mesh) => {
        brought(mesh).rke2 = { config: { disable: ["rke2-metrics-server"] } };
    });
});

it("refuses servers that RKE2's job cannot run on, if it is all of them", () => {
    const taint =
        (key: string, effect: "NoSchedule" | "NoExecute" | "PreferNoSchedule") => (mesh: TwoClusters) => {
            for (const server of Object.values(brought(mesh).servers)) server.taints = [{ key, effect }];
        };
    expect(refuses(bundled.bundledInstallerHasAServer, taint("example.net/busy", "NoSchedule")))
        .toMatchInlineSnapshot(`
      "clusters.east.servers
          have taints, such as example.net/busy:NoSchedule, that the job does not tolerate with which RKE2 installs its own Cilium: it would run nowhere
          fix: leave one server without such a taint, or install Cilium by a chart of its own"
    `);
    accepts(taint("CriticalAddonsOnly", "NoExecute"));
    accepts(taint("node-role.kubernetes.io/control-plane", "NoSchedule"));
    accepts(taint("node-role.kubernetes.io/etcd", "NoExecute"));
    accepts(taint("example.net/busy", "PreferNoSchedule"));
});

it("warns of images that hosts without a way out must be brought", () => {
    expect(
        warns(bundled.bundledImagesAreBrought, (mesh) => {
            brought(mesh).rke2 = { install: { method: "air-gap", artifacts: { directory: "artifacts" } } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.cilium.chart
          RKE2's Cilium comes from its own images, which are not in rke2-images-core
          fix: put rke2-images-cilium among the artifacts too, for each architecture"
    `);
});
