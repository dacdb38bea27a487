import { copyFile, mkdir } from "node:fs/promises";
import { basename, join } from "node:path";

import type { Mesh } from "../../../model/resolved.ts";
import { packagedChart, type ChartName } from "../binaries/packaged-chart.ts";
import type { Say } from "../binaries/say.ts";
import { run } from "../hosts/run.ts";
import { writeInstallSite } from "../rke2/site.ts";

/** The chart repositories that the lab stands in for, so that the program finds its charts where it always does. */
const REPOSITORIES = {
    cilium: { host: "helm.cilium.io", path: "" },
    metallb: { host: "metallb.github.io", path: "metallb" },
} as const satisfies Record<ChartName, { host: string; path: string }>;

/** Where the program's hosts take RKE2 from. */
const INSTALL_SITE = "get.rke2.io";

/** The names of the web sites that a lab has. */
export const SITES: readonly string[] = [
    INSTALL_SITE,
    ...Object.values(REPOSITORIES).map(({ host }) => host),
];

/** Fills the lab's web sites with all that a mesh installs. `www` is the folder of all of them. */
export async function fillSites(www: string, mesh: Mesh, helm: string, say: Say): Promise<void> {
    const made = mesh.clusters.filter(({ kubernetes }) => kubernetes === undefined);
    for (const version of new Set(made.map(({ rke2 }) => rke2.version))) {
        writeInstallSite(www, version);
    }
    for (const [name, version] of chartsOf(mesh)) {
        await publish(
            join(www, REPOSITORIES[name].host),
            name,
            await packagedChart(name, version, say),
            helm,
        );
    }
}

function chartsOf({ clusters }: Mesh): (readonly [ChartName, string])[] {
    const charts = clusters.flatMap(({ cilium, loadBalancers }) => [
        ["cilium", cilium.version] as const,
        ...loadBalancers.flatMap(({ metalLb }) =>
            metalLb === undefined ? [] : [["metallb", metalLb.version] as const],
        ),
    ]);
    return [...new Map(charts.map((chart) => [chart.join(" "), chart])).values()];
}

/** Puts a chart into its repository, and writes the repository's index anew. */
async function publish(site: string, name: ChartName, archive: string, helm: string): Promise<void> {
    const { host, path } = REPOSITORIES[name];
    const folder = join(site, path);
    await mkdir(folder, { recursive: true });
    await copyFile(archive, join(folder, basename(archive)));
    await run(`writing the index of ${host}`, [
        helm,
        "repo",
        "index",
        folder,
        "--url",
        ["https:/", host, path].filter((part) => part !== "").join("/"),
    ]);
}
