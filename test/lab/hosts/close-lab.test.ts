/* Closing what is left over of a lab, as far as it can be shown without one. */
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, afterEach, beforeEach, expect, test } from "vitest";

import { closeLab } from "./close-lab.ts";
import { listLabs } from "./lab-folder.ts";
import { findLab } from "./open-lab.ts";
import { readStat } from "./process-record.ts";

let cache: string;
const before = process.env["XDG_CACHE_HOME"];
const stranger = spawn("sleep", ["60"]);
const boot = readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
beforeEach(() => {
    cache = mkdtempSync(join(tmpdir(), "labs-"));
    process.env["XDG_CACHE_HOME"] = cache;
});
afterEach(() => {
    rmSync(cache, { recursive: true });
    if (before === undefined) delete process.env["XDG_CACHE_HOME"];
    else process.env["XDG_CACHE_HOME"] = before;
});

afterAll(() => {
    stranger.kill("SIGKILL");
});

function leave(name: string, init?: string): string {
    const folder = join(cache, "multicluster/labs", name);
    mkdirSync(folder, { recursive: true });
    if (init !== undefined) writeFileSync(join(folder, "init"), init);
    return folder;
}

test("a name that no lab has is fine", async () => {
    expect(listLabs()).toEqual([]);
    expect(findLab("one")).toBeUndefined();
    await closeLab("one");
});

test("a name that is none is refused", async () => {
    await expect(closeLab("../one")).rejects.toThrow('"../one" is no name for a lab');
});

test("a process that has the id of the lab's first one by now is left alone", async () => {
    const { pid = 0 } = stranger;
    const { start = "" } = readStat("/proc", pid) ?? {};
    for (const record of [`${boot} ${pid} 1\n`, `another-boot ${pid} ${start}\n`]) {
        const folder = leave("one", record);
        expect(listLabs()).toEqual(["one"]);
        await closeLab("one");
        expect(existsSync(folder)).toBe(false);
        expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
    }
});

test("the recorded process is ended, also by the second attempt to close the lab", async () => {
    const { pid = 0 } = stranger;
    const { start = "" } = readStat("/proc", pid) ?? {};
    const folder = leave(".one.7.7", `${boot} ${pid} ${start}\n`);
    const ended = new Promise((resolve) =>
        stranger.once("exit", (_, signal) => {
            resolve(signal);
        }),
    );
    expect(listLabs()).toEqual([]);
    await closeLab("one");
    expect(await ended).toBe("SIGKILL");
    expect(existsSync(folder)).toBe(false);
});

test("a record that is none is not guessed at", async () => {
    leave("one", "what?\n");
    await expect(closeLab("one")).rejects.toThrow("is no record of a process");
});
