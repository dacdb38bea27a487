import { basename, join } from "node:path";

import { argumentsOf, folderOfSet, SETS, type SetName } from "./go-sets.ts";
import { lastLines, run } from "./run.ts";
import { duration, type Say } from "./say.ts";

/** How often a build shows that it is still at work. */
const EVERY = 30_000;

/** Whatever the machine sets for Go: versions are those of our go.mod, and the clone's own state is no part of a program. */
const GO = { GOFLAGS: "-mod=readonly -buildvcs=false", GOWORK: "off" };

/** What to build. */
export interface Order {
    readonly packages: readonly string[];
    /** What people call it. */
    readonly title: string;
}

/** Builds packages of a set into a folder, without getting in the way of anything else on the machine; gives the files by package. */
export async function build(
    go: string,
    set: SetName,
    { packages, title }: Order,
    folder: string,
    say: Say,
): Promise<ReadonlyMap<string, string>> {
    say(`building ${title} ${SETS[set].version} (about ${SETS[set].minutes} min on two cores, once)`);
    const start = Date.now();
    const progress = setInterval(() => {
        say(`building ${title}: ${duration(Date.now() - start)} so far`);
    }, EVERY);
    const command = [go, "build", ...argumentsOf(set), "-o", `${folder}/`, ...packages];
    const options = { cwd: folderOfSet(set), env: GO };
    const ended = await run("nice", ["-n", "10", ...command], options).finally(() => {
        clearInterval(progress);
    });
    if (ended.status !== 0) {
        throw new Error(
            `Go could not build ${title} in ${options.cwd}:\n${lastLines(ended)}\n` +
                "it needs the Go that the go.mod there names, and a module proxy that answers (see: go env GOPROXY)",
        );
    }
    say(`built ${title} in ${duration(Date.now() - start)}`);
    return new Map(packages.map((name) => [name, join(folder, basename(name))]));
}
