/*
 * components/rke2/scripts/node.sh, when a run ends in the middle: a command that fails, a lost connection, a host that is
 * switched off. The next run must finish the work.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { interrupt } from "./interruptions.ts";
import { KnownRuns } from "./known-runs.ts";
import { Machine, type Fault } from "./machine.ts";
import { AGENT, changes, FIRST, SCRIPT, SERVER } from "./node-fixture.ts";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

const runs = new KnownRuns();
afterAll(() => runs.dispose());

/** Every way in which a call can go wrong. What only looks leaves nothing behind that `before` the next does not. */
function kinds(call: string): readonly Fault["kind"][] {
    return changes({ calls: [call] }).length === 0 ? ["fail", "before"] : ["fail", "before", "after"];
}

/** Interrupts the run that makes or changes a node, and runs it again. */
function interruptedRuns(node: typeof FIRST) {
    return interrupt(machine, {
        run: (on, how) => on.run(SCRIPT, node, how),
        kinds,
        look: (on) => on.snapshot(),
        next: async (on) => ({ second: await runs.run(on, SCRIPT, node), is: on.snapshot() }),
    });
}

test.each([
    ["a first server", FIRST],
    ["an agent", AGENT],
])("the next run finishes %s as if nothing had happened, and never restarts it", async (_, node) => {
    const { whole, interrupted } = await interruptedRuns(node);
    expect(interrupted.length).toBeGreaterThan(30);
    for (const { fault, first, after } of interrupted) {
        const { second, is } = after;
        expect({ fault, code: second.code, stderr: second.stderr }).toEqual({ fault, code: 0, stderr: "" });
        expect(is).toEqual(whole);
        expect([...changes(first), ...changes(second)].join()).not.toContain("restart");
    }
});

test("a changed configuration reaches the service in the end", async () => {
    await runs.run(machine, SCRIPT, SERVER);
    const { whole, interrupted } = await interruptedRuns({
        ...SERVER,
        CONFIG: `${SERVER.CONFIG}profile: "cis"\n`,
    });
    expect(interrupted.length).toBeGreaterThan(20);
    for (const { fault, after } of interrupted) {
        const { second, is } = after;
        expect({ fault, code: second.code, stderr: second.stderr }).toEqual({ fault, code: 0, stderr: "" });
        expect(is).toEqual(whole);
    }
});

describe("a machine that is lost", () => {
    const whole = new Machine();
    beforeAll(async () => {
        whole.keepMoments();
        await whole.run(SCRIPT, FIRST);
    });
    afterAll(() => {
        whole.dispose();
    });

    test.each([
        { kind: "before", at: 7 },
        { kind: "after", at: 9 },
    ] as const)("$kind call $at has what it had at that moment", async (fault) => {
        expect((await machine.run(SCRIPT, FIRST, { fault })).code).toBeNull();
        const moment = whole.moment(fault);
        expect(machine.state()).toBe(moment.state());
        moment.dispose();
    });
});

test("an installation that stopped half-way is done again, although rke2 itself is there", async () => {
    const whole = machine.copy();
    await whole.run(SCRIPT, FIRST);
    machine.world("install-stops", "");
    expect(await runs.run(machine, SCRIPT, FIRST)).toMatchObject({
        code: 1,
        stderr: "east-1: the install script of RKE2 failed\n",
    });
    expect(machine.read("/usr/local/bin/rke2")).toBeDefined();
    machine.forget("install-stops");
    expect((await machine.run(SCRIPT, FIRST)).code).toBe(0);
    expect(machine.snapshot()).toEqual(whole.snapshot());
    whole.dispose();
});

test("another version may follow an installation that never ended", async () => {
    machine.world("install-stops", "");
    await runs.run(machine, SCRIPT, FIRST);
    machine.forget("install-stops");
    expect((await machine.run(SCRIPT, { ...FIRST, VERSION: "v1.34.10+rke2r1" })).code).toBe(0);
});

test("two runs on one host follow one another", async () => {
    const runs = await Promise.all([machine.run(SCRIPT, FIRST), machine.run(SCRIPT, FIRST)]);
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    // Both write to one list of calls, which either may have read before the other's end.
    const longest = runs.reduce((a, b) => (a.calls.length > b.calls.length ? a : b));
    expect(changes(longest)).toEqual([
        expect.stringContaining("-o "),
        "install.sh ",
        "systemctl start --no-block rke2-server",
        "systemctl enable --quiet rke2-server",
    ]);
});
