import { recipeOf, SETS, type SetName } from "./go-sets.ts";
import type { Program } from "./program.ts";
import type { Say } from "./say.ts";
import type { Sources } from "./sources.ts";

/** A program that is ready to run. */
export interface Tool {
    readonly path: string;
    /** Nothing where it does not tell: a plugin of Pulumi's that is on the PATH. */
    readonly version: string | undefined;
    readonly from: "PATH" | "plugins" | "cache" | "download" | "build";
}

/** The programs found, by name, and what is wrong about the others. Optional programs are just left out. */
export interface Resolved {
    readonly tools: ReadonlyMap<string, Tool>;
    readonly problems: readonly string[];
}

/**
 * Finds each program: installed in a version that is good enough, otherwise in the cache, otherwise as an official download,
 * otherwise built. Nothing is downloaded or built where something else is missing that no network can bring.
 */
export async function resolve(programs: readonly Program[], sources: Sources, say: Say): Promise<Resolved> {
    const tools = await look(programs, sources, say);
    const missing = () => programs.filter(({ name, optional }) => !tools.has(name) && optional !== true);
    const hopeless = missing().filter(({ release, build }) => release === undefined && build === undefined);
    if (missing().length === 0) return { tools, problems: [] };
    if (hopeless.length > 0) return { tools, problems: outOfReach(missing(), sources) };
    return await sources.exclusively(async () => {
        // Whoever had the lock until now may have brought it all.
        for (const program of missing()) add(tools, program, cached(program, sources));
        for (const program of missing()) add(tools, program, await downloaded(program, sources));
        const before = outOfReach(missing(), sources);
        if (before.length > 0) return { tools, problems: before };
        return { tools, problems: await buildAll(missing(), tools, sources) };
    });
}

function add(tools: Map<string, Tool>, { name }: Program, tool: Tool | undefined): void {
    if (tool !== undefined) tools.set(name, tool);
}

/** What is there without asking the network. */
async function look(programs: readonly Program[], sources: Sources, say: Say): Promise<Map<string, Tool>> {
    const tools = new Map<string, Tool>();
    const found = programs.map(async (program) => {
        const tool = (await goodEnough(program, sources, say)) ?? cached(program, sources);
        add(tools, program, tool);
    });
    await Promise.all(found);
    return tools;
}

async function goodEnough(program: Program, sources: Sources, say: Say): Promise<Tool | undefined> {
    const found = await sources.installed(program);
    if (found === undefined || program.installed?.kind !== "command") return found;
    const { rule } = program.installed;
    const { path, version } = found;
    if (version !== undefined && rule.accepts(version)) return found;
    say(
        `${program.name}: ${path} is left alone, as it is ${version ?? "of no version it tells"}; the lab wants ${rule.text}`,
    );
    return undefined;
}

function cached(program: Program, { cached: find }: Sources): Tool | undefined {
    for (const { version, name } of keptAs(program)) {
        const path = find(name);
        if (path !== undefined) return { path, version, from: "cache" };
    }
    return undefined;
}

/** The names under which the cache keeps a program, the better one first: as it was released, as it was built here. */
function keptAs({ name, release, build }: Program): { version: string; name: string }[] {
    return [
        ...(release === undefined
            ? []
            : [{ version: release.version, name: `bin/${name}-${release.version}/${name}` }]),
        ...(build === undefined
            ? []
            : [{ version: SETS[build.set].version, name: `bin/${builtAs(build.set, name)}/${name}` }]),
    ];
}

function builtAs(setName: SetName, name: string): string {
    return `${name}-${SETS[setName].version}-${recipeOf(setName)}`;
}

async function downloaded({ name, release }: Program, sources: Sources): Promise<Tool | undefined> {
    if (release === undefined) return undefined;
    const { version } = release;
    const path = await sources.download(name, release, `bin/${name}-${version}/${name}`);
    return path === undefined ? undefined : { path, version, from: "download" };
}

/** Builds one set after the other, as one alone keeps all processors busy. What fails does not keep the next from being built. */
async function buildAll(
    programs: readonly Program[],
    tools: Map<string, Tool>,
    sources: Sources,
): Promise<string[]> {
    const problems: string[] = [];
    const sets = new Set(programs.flatMap(({ build }) => (build === undefined ? [] : [build.set])));
    for (const setName of sets) {
        const members = programs.flatMap(({ name, build }) =>
            build?.set === setName ? [{ name, package: build.package }] : [],
        );
        const wanted = new Map(
            members.map((member) => [member.package, `bin/${builtAs(setName, member.name)}/${member.name}`]),
        );
        try {
            const built = await sources.build(setName, wanted);
            for (const member of members) {
                const path = built.get(member.package);
                if (path === undefined) throw new Error(`the build of ${setName} brought no ${member.name}`);
                tools.set(member.name, { path, version: SETS[setName].version, from: "build" });
            }
        } catch (error) {
            problems.push(error instanceof Error ? error.message : String(error));
        }
    }
    return problems;
}

/** What neither Debian's packages on this machine nor a build can bring now. */
function outOfReach(programs: readonly Program[], sources: Sources): string[] {
    const buildable = programs.filter(({ build }) => build !== undefined);
    return [...notInstalled(programs), ...notBuilt(buildable, sources)];
}

/** All that packages of Debian would bring, in one command. */
function notInstalled(programs: readonly Program[]): string[] {
    const installable = programs.filter(({ debian }) => debian !== undefined);
    if (installable.length === 0) return [];
    const names = installable.map(({ name, installed }) =>
        installed?.kind === "command" && installed.rule.text !== "any version"
            ? `${name} (${installed.rule.text})`
            : name,
    );
    const packages = [...new Set(installable.map(({ debian = "" }) => debian))].sort();
    return [
        `not on the PATH nor in the folders for administrators: ${names.join(", ")}; on Debian: apt-get install ${packages.join(" ")}`,
    ];
}

function notBuilt(programs: readonly Program[], { cannotBuild }: Sources): string[] {
    if (programs.length === 0 || cannotBuild === undefined) return [];
    return [`${programs.map(({ name }) => name).join(", ")}: ${cannotBuild}`];
}
