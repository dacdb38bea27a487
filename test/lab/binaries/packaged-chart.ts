import { join } from "node:path";

import { chartFolder } from "../../charts/charts.ts";
import { Cache } from "./cache.ts";
import { downloadChart } from "./chart-repository.ts";
import { Downloads } from "./downloads.ts";
import { lastLines, run } from "./run.ts";
import type { Say } from "./say.ts";
import { findTool } from "./tools.ts";

/** Where the projects publish their charts. */
const REPOSITORIES = {
    cilium: "https://helm.cilium.io",
    metallb: "https://metallb.github.io/metallb",
} as const;

export type ChartName = keyof typeof REPOSITORIES;

/**
 * The archive of a chart, as its Helm repository has it: from the cache, otherwise the official one, otherwise packaged from
 * the project's Go module.
 */
export async function packagedChart(
    name: ChartName,
    version: string,
    say: Say,
    cache = new Cache(),
): Promise<string> {
    const archive = `${name}-${version}.tgz`;
    const kept = `charts/${archive}`;
    const there = cache.find(kept);
    if (there !== undefined) return there;
    const helm = await findTool("helm", say);
    return await cache.exclusively(
        say,
        async () =>
            cache.find(kept) ??
            (await cache.working(async (folder) => {
                const file =
                    (await official(name, version, folder, say)) ??
                    (await packaged(helm.path, chartFolder(name, version), archive, folder));
                return await cache.place(file, kept, 0o644);
            })),
    );
}

async function official(
    name: ChartName,
    version: string,
    folder: string,
    say: Say,
): Promise<string | undefined> {
    if (process.env["LAB_OFFLINE"] === "1") return undefined;
    return await downloadChart(new Downloads(say), REPOSITORIES[name], { name, version }, folder, say);
}

async function packaged(helm: string, chart: string, archive: string, folder: string): Promise<string> {
    const ended = await run(helm, ["package", chart, "--destination", folder]);
    const file = join(folder, archive);
    if (ended.status === 0 && ended.stdout.includes(archive)) return file;
    throw new Error(`helm made no ${archive} of ${chart}:\n${lastLines(ended)}`);
}
