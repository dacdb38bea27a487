/* Nothing stays of a lab, however it ended. */
import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";

import { ended, machineState, namespacesOfLab, onHost, Place, remains } from "./lab-fixture.ts";
import { closeLab, findLab, listLabs, openLab, type Lab } from "./lab.ts";

let place: Place;
let before: Record<string, string>;
beforeAll(() => {
    place = new Place();
});
beforeEach(() => {
    before = machineState();
});
afterAll(async () => {
    await place.dispose();
});

const labs = () => join(place.path, "multicluster/labs");
const initOf = (lab: Lab) => readFileSync(join(lab.folder, "init"), "utf8").split(" ")[1] ?? "";

async function nothingStays(namespaces: readonly string[]): Promise<void> {
    expect(readdirSync(labs())).toEqual([]);
    expect(listLabs()).toEqual([]);
    expect(machineState()).toEqual(before);
    // Those who had entered from outside notice a moment later.
    await expect.poll(() => remains(namespaces, labs()), { timeout: 5000 }).toEqual([]);
}

test("closing a lab ends everything, also what was started in it and who has entered it", async () => {
    const lab = await openLab(place.spec("ends"));
    await onHost(
        lab,
        "east-1",
        "unshare --net --pid --mount --fork setsid sleep 600 >/dev/null 2>&1 & disown",
    );
    const inside = [ended(lab.enter(["sleep", "600"])), ended(lab.enterHost("east-2", ["sleep", "600"]))];
    await pause(500);
    const namespaces = namespacesOfLab(initOf(lab));
    // The lab, two hosts, and what was made on one of them.
    expect(namespaces.filter((one) => one.startsWith("net:")).length).toBe(4);
    expect(remains(namespaces, labs()).length).toBeGreaterThan(10);
    const start = Date.now();
    await closeLab("ends");
    expect(Date.now() - start).toBeLessThan(5000);
    expect((await Promise.all(inside)).map(({ code }) => code)).not.toContain(0);
    await nothingStays(namespaces);
    await closeLab("ends");
});

test("a lab whose first process was killed is found, says so, and is closed", async () => {
    const lab = await openLab(place.spec("killed"));
    const namespaces = namespacesOfLab(initOf(lab));
    process.kill(Number(initOf(lab)), "SIGKILL");
    await expect.poll(() => lab.isRunning()).toBe(false);
    expect(findLab("killed")?.isRunning()).toBe(false);
    expect(() => lab.enter(["true"])).toThrow(
        "does not run, it is left over by a crash: close it and open it again",
    );
    await expect(openLab(place.spec("killed"))).rejects.toThrow("close it first");
    await closeLab("killed");
    await nothingStays(namespaces);
});

test.each(["lab.json", "init", "log/web.log", "log/east-1.log"])(
    "a lab whose opener was killed when it had come to %s is closed",
    async (step) => {
        const script = join(place.path, "opener.ts");
        const module = JSON.stringify(new URL("lab.ts", import.meta.url));
        writeFileSync(
            script,
            `import { openLab } from ${module};\nawait openLab(${JSON.stringify(place.spec("half"))});\n`,
        );
        const opener = spawn(process.execPath, [script], { stdio: "ignore" });
        const gone = new Promise((resolve) => opener.once("exit", resolve));
        const deadline = Date.now() + 10_000;
        while (!existsSync(join(labs(), "half", step)) && Date.now() < deadline) await pause(1);
        expect(opener.kill("SIGKILL")).toBe(true);
        await gone;
        expect(listLabs()).toEqual(["half"]);
        const lab = findLab("half");
        // Before the logs there are no processes but the first.
        const namespaces = lab !== undefined && step.startsWith("log") ? namespacesOfLab(initOf(lab)) : [];
        await closeLab("half");
        await nothingStays(namespaces);
    },
);

test("a lab that cannot be opened leaves nothing, and says why", async () => {
    const spec = place.spec("refused");
    await expect(openLab({ ...spec, tools: { etcd: "/nowhere/etcd" }, sites: ["a b"] })).rejects.toThrow(
        'the lab cannot be opened:\n  "a b" is no DNS name\n  etcd is not at /nowhere/etcd',
    );
    expect(readdirSync(labs())).toEqual([]);
    // Of no use in a host, which has processes of its own.
    const tools = { odd: `/proc/${process.pid}/status` };
    await expect(openLab({ ...spec, tools })).rejects.toThrow(
        /^starting east-1: it ended at once; the last lines of .*east-1\.log:\n(.*\n)*.*proc/,
    );
    await nothingStays([]);
});
