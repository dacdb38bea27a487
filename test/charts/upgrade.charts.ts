/* What saying the version that a cluster was first installed with does to the charts: at first nothing, later it keeps. */
import { expect, it } from "vitest";

import { inEveryVersion, meshOf, renderCilium } from "./every-version.ts";

inEveryVersion(
    "first installed with that very version",
    (mesh, minor) => {
        mesh.cilium.upgradeCompatibility = `1.${minor}`;
    },
    (get) => {
        it("changes nothing but the value itself", async () => {
            const { cluster, manifest } = get();
            const unsaid = await renderCilium(meshOf(cluster.cilium.version));
            expect(manifest.text).toBe(unsaid.manifest.text);
        });
    },
);

inEveryVersion(
    "first installed with the version before",
    (mesh, minor) => {
        mesh.cilium.upgradeCompatibility = `1.${minor - 1}`;
        mesh.cilium.upgrade = { from: `1.${minor - 1}` };
    },
    (get, minor) => {
        it("keeps what the step would change by itself", async () => {
            const fresh = await renderCilium(meshOf(get().cluster.cilium.version));
            const differ = Object.keys({ ...fresh.config, ...get().config }).filter(
                (key) => fresh.config[key] !== get().config[key],
            );
            expect(differ).toEqual(
                new Map([
                    [17, ["enable-policy-secrets-sync"]],
                    [20, ["envoy-xds-mode"]],
                ]).get(minor) ?? [],
            );
        });
    },
    { since: 17 },
);
