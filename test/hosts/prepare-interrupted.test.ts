/*
 * components/rke2/scripts/parts/prepare.sh, when a run ends in the middle: whichever way it goes on from there, forward or
 * back, it ends as if nothing had happened.
 */
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";

import { interrupt } from "./interruptions.ts";
import { Machine, type Fault } from "./machine.ts";
import { PLAIN, plainHost, Preparations, serve } from "./prepare-fixture.ts";

/** One change of each kind. */
const VARIABLES = { ...PLAIN, ETCD_USER: "yes", SELINUX: "yes", CIS: "yes" };

const preparations = new Preparations();
const { prepare, undo } = preparations;
afterAll(() => preparations.dispose());

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
    plainHost(machine);
    machine.file("/proc/sys/fs/inotify/max_user_instances", "8192\n");
    machine.file("/proc/sys/vm/overcommit_memory", "1\n");
    machine.file("/proc/sys/kernel/panic", "10\n");
    machine.file("/proc/sys/kernel/panic_on_oops", "1\n");
    machine.file("/sys/fs/selinux/enforce", "1");
    machine.file("/var/lib/rpm/container-selinux", "");
    machine.file("/etc/sysctl.d/60-rke2-cis.conf", "kernel.panic = 20\n", 0o600);
    machine.file("/usr/sbin/NetworkManager", "", 0o755);
    machine.file("/sys/systemd/NetworkManager/told", "");
    for (const unit of ["NetworkManager", "firewalld"]) serve(machine, unit);
});
afterEach(() => {
    machine.dispose();
});

/** The host is lost before each change, and each change fails. A module may stay for many reasons, and then does. */
function kinds(call: string): readonly Fault["kind"][] {
    if (/^(sysctl -n|systemctl show|rpm -q)/.test(call)) return [];
    return call.startsWith("modprobe -r") ? ["before"] : ["fail", "before"];
}

const look = (on: Machine) => on.snapshot();

test("a preparation is finished by the next run, and undone then", async () => {
    const original = look(machine);
    const { whole, interrupted } = await interrupt(machine, {
        run: (on, how) => prepare(on, VARIABLES, how),
        kinds,
        look,
        next: async (on) => {
            const second = await prepare(on, VARIABLES);
            const prepared = look(on);
            await undo(on);
            return { second, prepared, undone: look(on) };
        },
    });
    expect(interrupted).toHaveLength(14);
    for (const { fault, first, after } of interrupted) {
        expect(first.code).not.toBe(0);
        expect(after.second).toMatchObject({ code: 0, stderr: "" });
        const { prepared, undone } = after;
        expect({ fault, prepared, undone }).toEqual({ fault, prepared: whole, undone: original });
    }
});

test("a preparation that never ended is undone", async () => {
    const original = look(machine);
    const { interrupted } = await interrupt(machine, {
        run: (on, how) => prepare(on, VARIABLES, how),
        kinds: (call) => kinds(call).filter((kind) => kind === "before"),
        look,
        next: async (on) => ({ second: await undo(on), is: look(on) }),
    });
    expect(interrupted).toHaveLength(7);
    for (const { fault, after } of interrupted) {
        expect(after.second).toMatchObject({ code: 0, stderr: "" });
        expect({ fault, is: after.is }).toEqual({ fault, is: original });
    }
});

test("an undoing is finished by the next run", async () => {
    const original = look(machine);
    await prepare(machine, VARIABLES);
    const { interrupted } = await interrupt(machine, {
        run: undo,
        kinds,
        look,
        next: async (on) => ({ second: await undo(on), is: look(on) }),
    });
    expect(interrupted).toHaveLength(13);
    for (const { fault, first, after } of interrupted) {
        expect(first.code).not.toBe(0);
        expect(after.second).toMatchObject({ code: 0, stderr: "" });
        expect({ fault, is: after.is }).toEqual({ fault, is: original });
    }
});
