/*
 * components/rke2/scripts/restore.sh, when a step ends in the middle: a command that fails, a lost connection, a host that is
 * switched off. The next run must finish it.
 */
import { afterEach, describe, expect, test } from "vitest";

import type { Fault, Machine } from "./machine.ts";
import { firstServer, otherServer, SCRIPT, variables } from "./restore-fixture.ts";

const FIRST = ["stop", "reset", "begin", "finish"];

let start: Machine;
afterEach(() => {
    start.dispose();
});

describe("an interruption at every command is made good by the next run", () => {
    /** What only looks leaves nothing behind. */
    const kinds = (call: string) =>
        /is-active| get /.test(call) ? (["fail"] as const) : (["fail", "before", "after"] as const);

    test.each(["stop", "reset", "begin", "finish", "rejoin"])("%s", { timeout: 30_000 }, async (name) => {
        const joins = name === "rejoin";
        start = joins ? otherServer() : firstServer();
        for (const earlier of joins ? ["stop"] : FIRST.slice(0, FIRST.indexOf(name))) {
            expect((await start.run(SCRIPT, variables(earlier))).code).toBe(0);
        }
        start.world("answers/get nodes.all", "east-1\n");
        const whole = start.copy();
        const { calls } = await whole.run(SCRIPT, variables(name));
        const wanted = whole.snapshot();
        whole.dispose();
        const faults: Fault[] = calls.flatMap((call, index) =>
            kinds(call).map((kind) => ({ kind, at: index + 1 })),
        );
        expect(faults).not.toEqual([]);
        const work = async () => {
            for (let fault = faults.shift(); fault !== undefined; fault = faults.shift()) {
                const on = start.copy();
                await on.run(SCRIPT, variables(name), { fault });
                const { code, stderr } = await on.run(SCRIPT, variables(name));
                expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
                // A reset that was interrupted is done again from its beginning, and RKE2 keeps what was there.
                expect(withoutOld(on.snapshot())).toEqual(withoutOld(wanted));
                on.dispose();
            }
        };
        await Promise.all([work(), work(), work()]);
    });
});

/** RKE2 puts aside what a reset replaces, each time. */
function withoutOld(snapshot: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(snapshot).filter(([path]) => !path.includes("/etcd-old-")));
}
