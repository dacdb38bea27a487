/*
 * components/rke2/scripts/node.sh, when a run ends in the middle: a command that fails, a lost connection, a host that is
 * switched off. The next run must finish the work.
 */
import { afterEach, beforeEach, expect, test } from "vitest";

import { Machine, type Fault, type Run } from "./machine.ts";
import { AGENT, changes, FIRST, SCRIPT, SERVER } from "./node-fixture.ts";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

/** Every way in which every call of a run can go wrong. What only looks leaves nothing behind that `before` the next does not. */
function faultsOf(run: Run): Fault[] {
    return run.calls.flatMap((call, index) => {
        const kinds = changes({ ...run, calls: [call] }).length === 0 ? LOOKS : CHANGES;
        return kinds.map((kind) => ({ kind, at: index + 1 }));
    });
}
const LOOKS = ["fail", "before"] as const;
const CHANGES = ["fail", "before", "after"] as const;

/** Lets each fault happen on a copy of the machine, some at a time, as most of the time they wait for processes. */
async function each(
    faults: readonly Fault[],
    check: (fault: Fault, on: Machine) => Promise<void>,
): Promise<void> {
    const queue = [...faults];
    const start = machine.copy();
    const work = async () => {
        for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
            const on = start.copy();
            await check(fault, on);
            on.dispose();
        }
    };
    await Promise.all([work(), work(), work()]);
    start.dispose();
}

test.each([
    ["a first server", FIRST],
    ["an agent", AGENT],
])(
    "the next run finishes %s as if nothing had happened, and never restarts it",
    { timeout: 60_000 },
    async (_, node) => {
        const whole = machine.copy();
        const faults = faultsOf(await whole.run(SCRIPT, node));
        const wanted = whole.snapshot();
        whole.dispose();
        await each(faults, async (fault, on) => {
            const first = await on.run(SCRIPT, node, { fault });
            const second = await on.run(SCRIPT, node);
            expect({ fault, code: second.code, stderr: second.stderr }).toEqual({
                fault,
                code: 0,
                stderr: "",
            });
            expect(on.snapshot()).toEqual(wanted);
            expect([...changes(first), ...changes(second)].join()).not.toContain("restart");
        });
    },
);

test("a changed configuration reaches the service in the end", { timeout: 60_000 }, async () => {
    const changed = { ...SERVER, CONFIG: `${SERVER.CONFIG}profile: "cis"\n` };
    await machine.run(SCRIPT, SERVER);
    const whole = machine.copy();
    const faults = faultsOf(await whole.run(SCRIPT, changed));
    const wanted = whole.snapshot();
    whole.dispose();
    await each(faults, async (fault, on) => {
        await on.run(SCRIPT, changed, { fault });
        const last = await on.run(SCRIPT, changed);
        expect({ fault, code: last.code, stderr: last.stderr }).toEqual({ fault, code: 0, stderr: "" });
        expect(on.snapshot()).toEqual(wanted);
    });
});

test("an installation that stopped half-way is done again, although rke2 itself is there", async () => {
    const whole = machine.copy();
    await whole.run(SCRIPT, FIRST);
    machine.world("install-stops", "");
    expect(await machine.run(SCRIPT, FIRST)).toMatchObject({
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
    await machine.run(SCRIPT, FIRST);
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
