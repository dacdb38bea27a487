/*
 * components/rke2/scripts/restore.sh, when a step ends in the middle: a command that fails, a lost connection, a host that is
 * switched off. The next run must finish it.
 */
import { afterEach, describe, expect, test } from "vitest";

import { interrupt } from "./interruptions.ts";
import type { Machine } from "./machine.ts";
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
        const { whole, interrupted } = await interrupt(start, {
            run: (on, how) => on.run(SCRIPT, variables(name), how),
            kinds,
            look: (on) => on.snapshot(),
            next: async (on) => ({ second: await on.run(SCRIPT, variables(name)), is: on.snapshot() }),
        });
        expect(interrupted).not.toEqual([]);
        for (const { fault, after } of interrupted) {
            const { code, stderr } = after.second;
            expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
            // A reset that was interrupted is done again from its beginning, and RKE2 keeps what was there.
            expect(withoutOld(after.is)).toEqual(withoutOld(whole));
        }
    });
});

/** RKE2 puts aside what a reset replaces, each time. */
function withoutOld(snapshot: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(snapshot).filter(([path]) => !path.includes("/etcd-old-")));
}
