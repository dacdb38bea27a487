import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";

import { afterEach, beforeEach, expect, it } from "vitest";

import { Cache, cacheFolder } from "./cache.ts";

let home: string;
let said: string[];
const say = (line: string) => said.push(line);
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "cache-"));
    said = [];
});
afterEach(() => {
    rmSync(home, { recursive: true });
});

it("is where the machine keeps caches", () => {
    expect(cacheFolder({ XDG_CACHE_HOME: "/c" })).toBe("/c/multicluster");
    expect(cacheFolder({ XDG_CACHE_HOME: "" })).toMatch(/\/\.cache\/multicluster$/);
});

it("keeps finished files, and nothing of the work", async () => {
    const cache = new Cache(home);
    let unfinished = "";
    const file = await cache.working(async (folder) => {
        unfinished = folder;
        writeFileSync(join(folder, "new"), "a program");
        return await cache.place(join(folder, "new"), "bin/tool-1/tool", 0o755);
    });
    expect(cache.find("bin/tool-1/tool")).toBe(file);
    expect(readFileSync(file, "utf8")).toBe("a program");
    expect(statSync(file).mode & 0o777).toBe(0o755);
    expect(existsSync(unfinished)).toBe(false);
    expect(cache.find("bin/tool-2/tool")).toBeUndefined();
});

it("keeps nothing of work that fails", async () => {
    const failing = new Cache(home).working((folder) => {
        writeFileSync(join(folder, "half"), "");
        return Promise.reject(new Error("no space"));
    });
    await expect(failing).rejects.toThrow("no space");
    expect(existsSync(join(home, "bin"))).toBe(false);
});

it("is filled by one at a time; who waits is told so", async () => {
    const order: string[] = [];
    const work = (name: string) =>
        new Cache(home).exclusively(say, async () => {
            order.push(`${name} begins`);
            await setTimeout(50);
            order.push(`${name} ends`);
        });
    await Promise.all([work("one"), work("two")]);
    const [first] = (order[0] ?? "").split(" ");
    const second = first === "one" ? "two" : "one";
    expect(order).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
    expect(said).toEqual([`another run is getting programs; waiting for it (${join(home, "lock")})`]);
});

it("is free again after work that failed, and cleared of what a killed run left", async () => {
    const cache = new Cache(home);
    await expect(cache.exclusively(say, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    mkdirSync(join(home, "unfinished-x"));
    await cache.exclusively(say, () => Promise.resolve());
    expect(existsSync(join(home, "unfinished-x"))).toBe(false);
    expect(said).toEqual([]);
});
