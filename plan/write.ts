import { lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { filesOfPlan } from "./plan-json.ts";

/**
 * Writes a plan as a folder: all of it, or nothing. It is written beside its place and put there at the end; an earlier plan
 * there makes room for it, anything else there is refused.
 */
export async function writePlan(out: string, files: ReadonlyMap<string, string>): Promise<void> {
    await checkPlace(out);
    const place = resolve(out);
    await explain(out, async () => {
        await mkdir(dirname(place), { recursive: true });
        const beside = await mkdtemp(join(dirname(place), `.${basename(place)}-`));
        try {
            const fresh = join(beside, "new");
            await mkdir(fresh);
            for (const [path, text] of files) {
                await mkdir(dirname(join(fresh, path)), { recursive: true });
                await writeFile(join(fresh, path), text);
            }
            await swap(place, fresh, join(beside, "old"));
        } finally {
            await rm(beside, { recursive: true, force: true });
        }
    });
}

/** Refuses a place where something lies that no plan has written: it would be lost. */
export async function checkPlace(out: string): Promise<void> {
    await explain(out, async () => {
        const found = await lstat(out).catch(absent);
        if (found === undefined) return;
        if (!found.isDirectory())
            throw new pulumi.RunError(`${out} is not a folder: name another one with --out`);
        if ((await readdir(out)).length === 0) return;
        const text = await readFile(join(out, "plan.json"), "utf8").catch(absent);
        const earlier = text === undefined ? undefined : filesOfPlan(text);
        if (earlier === undefined) {
            throw new pulumi.RunError(
                `${out} is not empty and holds no plan, so it is left alone: name another folder with --out, or empty it`,
            );
        }
        const [foreign] = (await filesIn(out)).filter((file) => !earlier.has(file));
        if (foreign !== undefined) {
            throw new pulumi.RunError(
                `${out} holds ${foreign}, which is no part of the plan there, so it is left alone: name another folder with --out, or move that file`,
            );
        }
    });
}

/** Everything in a folder but folders, by its path with slashes. A link is followed nowhere. */
async function filesIn(folder: string): Promise<string[]> {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join("/"))
        .sort();
}

async function swap(place: string, fresh: string, old: string): Promise<void> {
    const before = await rename(place, old).then(() => true, absent);
    try {
        await rename(fresh, place);
    } catch (error) {
        if (before === true) await rename(old, place);
        throw error;
    }
}

/** What the system refuses is no mistake of the program: one line says what and where. */
async function explain(out: string, work: () => Promise<void>): Promise<void> {
    try {
        await work();
    } catch (error) {
        if (!(error instanceof Error) || !("code" in error)) throw error;
        throw new pulumi.RunError(`the plan cannot be written to ${out}: ${error.message}`);
    }
}

function absent(error: unknown): undefined {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
}
