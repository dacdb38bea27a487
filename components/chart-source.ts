import { statSync, type Stats } from "node:fs";
import { join } from "node:path";

import type { ChartSource, CiliumChart } from "../model/resolved.ts";
import { show, type Problem } from "../model/problem.ts";

/** What a Release must be told of a chart's source. */
interface ReleaseSource {
    readonly chart: string;
    readonly version: string;
    readonly repositoryOpts?: { readonly repo: string };
}

/** A chart of a repository by its name, of a registry by its address, of this machine by its path, which stays as it is written. */
export function releaseSource(name: string, source: ChartSource, version: string): ReleaseSource {
    if ("repository" in source) return { chart: name, version, repositoryOpts: { repo: source.repository } };
    return { chart: "oci" in source ? source.oci : source.path, version };
}

/** What is wrong with a chart's source as far as this machine can tell. */
export function sourceProblems(path: string, source: CiliumChart): Problem[] {
    if (!("path" in source)) return [];
    const rule = pathRule(source.path);
    return rule === undefined
        ? []
        : [
              {
                  path: `${path}.path`,
                  value: show(source.path),
                  rule,
                  fix: "put the chart there, or name a repository",
              },
          ];
}

function pathRule(path: string): string | undefined {
    const found = statOf(path);
    if (found === undefined) return `does not exist; a relative path begins at ${process.cwd()}`;
    if (!found.isDirectory()) {
        return found.isFile() && path.endsWith(".tgz")
            ? undefined
            : "is not a chart: neither a folder nor an archive whose name ends in .tgz";
    }
    return statOf(join(path, "Chart.yaml"))?.isFile() === true
        ? undefined
        : "is not a chart: the folder holds no Chart.yaml";
}

/** What lies at a path; what cannot be looked at counts as absent. */
function statOf(path: string): Stats | undefined {
    try {
        return statSync(path);
    } catch {
        return undefined;
    }
}
