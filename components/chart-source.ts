import { existsSync } from "node:fs";

import type { ChartSource } from "../model/resolved.ts";
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
export function sourceProblems(path: string, source: ChartSource): Problem[] {
    return !("path" in source) || existsSync(source.path)
        ? []
        : [
              {
                  path: `${path}.path`,
                  value: show(source.path),
                  rule: `does not exist; a relative path begins at ${process.cwd()}`,
                  fix: "put the chart there, or name a repository",
              },
          ];
}
