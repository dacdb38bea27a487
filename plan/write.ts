import { lstat, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";

import * as pulumi from "@pulumi/pulumi";

import { isPlanJson } from "./plan-json.ts";

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

/** Refuses a place where something lies that is no plan: it would be lost. */
export async function checkPlace(out: string): Promise<void> {
    await explain(out, async () => {
        const found = await lstat(out).catch(absent);
        if (found === undefined) return;
        if (!found.isDirectory())
            throw new pulumi.RunError(`${out} is not a folder: name another one with --out`);
        if ((await readdir(out)).length === 0) return;
        const text = await readFile(join(out, "plan.json"), "utf8").catch(absent);
        if (text === undefined || !isPlanJson(text)) {
            throw new pulumi.RunError(
                `${out} is not empty and holds no plan, so it is left alone: name another folder with --out, or empty it`,
            );
        }
    });
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
