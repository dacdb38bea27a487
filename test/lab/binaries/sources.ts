import { platform } from "node:os";
import { basename } from "node:path";

import { findCommand } from "../../../ops/find-command.ts";
import { build } from "./builds.ts";
import { Cache } from "./cache.ts";
import { Downloads } from "./downloads.ts";
import type { SetName } from "./go-sets.ts";
import { findInstalled, type Installed } from "./installed.ts";
import type { Program, Release } from "./program.ts";
import type { Say } from "./say.ts";

/** Programs to be built together, by package, and under which name in the cache each is to be kept. */
export type Wanted = ReadonlyMap<string, string>;

/** Where programs come from. */
export interface Sources {
    /** What this machine has under a program's name, whatever its version. */
    readonly installed: (program: Program) => Promise<Installed | undefined>;
    /** A file of the cache. */
    readonly cached: (name: string) => string | undefined;
    /** Downloads a program into the cache, where the network allows it. */
    readonly download: (program: string, release: Release, name: string) => Promise<string | undefined>;
    /** Why nothing can be built. */
    readonly cannotBuild: string | undefined;
    /** Builds packages into the cache; gives the files by package. */
    readonly build: (set: SetName, wanted: Wanted) => Promise<ReadonlyMap<string, string>>;
    /** Does the work while no other process fills the cache. */
    readonly exclusively: <T>(work: () => Promise<T>) => Promise<T>;
}

const PROGRAM = 0o755;

/** This machine, its network and its Go. With LAB_OFFLINE=1 nothing is downloaded but Go's modules. */
export function sourcesHere(say: Say, env: NodeJS.ProcessEnv = process.env): Sources {
    const cache = new Cache();
    const downloads = new Downloads(say);
    // What is downloaded is for Linux only; elsewhere just Helm is wanted, and Go builds it for any system.
    const offline = env["LAB_OFFLINE"] === "1" || platform() !== "linux";
    const go = findCommand("go", env["PATH"]);
    return {
        installed: (program) => findInstalled(program, env),
        cached: (name) => cache.find(name),
        exclusively: (work) => cache.exclusively(say, work),
        download: (program, release, name) =>
            offline
                ? Promise.resolve(undefined)
                : cache.working(async (folder) => {
                      const file = await downloads.program(program, release, folder);
                      return file === undefined ? undefined : await cache.place(file, name, PROGRAM);
                  }),
        cannotBuild: go === undefined ? "there is no Go to build it: see https://go.dev/dl/" : undefined,
        build: (set, wanted) =>
            cache.working(async (folder) => {
                if (go === undefined) throw new Error("there is no Go");
                const title = [...wanted.values()].map((kept) => basename(kept)).join(", ");
                const built = await build(go, set, { packages: [...wanted.keys()], title }, folder, say);
                const placed = [...wanted].map(async ([name, kept]) => {
                    const file = built.get(name);
                    if (file === undefined) throw new Error(`Go built no ${name}`);
                    return [name, await cache.place(file, kept, PROGRAM)] as const;
                });
                return new Map(await Promise.all(placed));
            }),
    };
}
