/* components/egress/scripts on a machine of fakes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { interrupt } from "./interruptions.ts";
import { KnownRuns } from "./known-runs.ts";
import { Machine, type Fault } from "./machine.ts";

const PUT = new URL("../../components/egress/scripts/addresses.sh", import.meta.url);
const REMOVE = new URL("../../components/egress/scripts/remove-addresses.sh", import.meta.url);
const FAKES = ["egress-fakes", "fakes"].map((name) => fileURLToPath(new URL(name, import.meta.url)));
const UNIT = "/etc/systemd/system/multicluster-egress.service";
const EAST = {
    ROLE: "agent",
    NODE_NAME: "east-1",
    SECONDS_MAX: "2",
    INTERFACE: "egress0",
    ADDRESSES: "10.251.1.10\n10.251.1.11",
};

const runs = new KnownRuns();
afterAll(() => runs.dispose());

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

function run(script: URL, variables: Partial<typeof EAST> = {}, fault?: Fault, on = machine) {
    const environment = { PATH: `${FAKES.join(":")}:/usr/bin:/bin` };
    return runs.run(
        on,
        script,
        { ...EAST, ...variables },
        { environment, ...(fault === undefined ? {} : { fault }) },
    );
}

/** The addresses of an interface; `undefined` where it is not there. */
function addresses(name = "egress0", on = machine): string[] | undefined {
    if (!existsSync(join(on.root, "sys/class/net", name))) return undefined;
    return on.read(`../world/addresses/${name}`)?.split("\n").slice(0, -1);
}

describe("egress addresses of a host", () => {
    test("are on an interface of their own, now and at every start", async () => {
        expect(await run(PUT)).toMatchObject({ code: 0, stderr: "" });
        expect(addresses()).toEqual(["10.251.1.10/32", "10.251.1.11/32"]);
        expect(machine.mode(UNIT)).toBe("644");
        expect(machine.read(UNIT)?.replaceAll(FAKES[0] ?? "", "/usr/sbin")).toMatchInlineSnapshot(`
          "# Made by multicluster, which overwrites what others change here. Interface: egress0
          [Unit]
          Description=Egress addresses of the Kubernetes node east-1
          After=network-pre.target
          Before=network.target rke2-server.service rke2-agent.service
          [Service]
          Type=oneshot
          RemainAfterExit=yes
          ExecStart=-/usr/sbin/ip link add egress0 type dummy
          ExecStart=/usr/sbin/ip address replace 10.251.1.10/32 dev egress0
          ExecStart=/usr/sbin/ip address replace 10.251.1.11/32 dev egress0
          ExecStart=/usr/sbin/ip link set egress0 up
          [Install]
          WantedBy=multi-user.target
          "
        `);
        expect(machine.read("../world/enabled")).toBe("\n");
    });

    test("stay as they are the second time", async () => {
        await run(PUT);
        const before = machine.state();
        const { code, stdout, calls } = await run(PUT);
        expect({ code, stdout }).toEqual({ code: 0, stdout: "" });
        expect(
            calls.filter((call) => /restart|add|replace|delete|set/.test(call) && !call.includes("show")),
        ).toEqual([]);
        expect(machine.state()).toBe(before);
    });

    test("come and go with the description", async () => {
        await run(PUT);
        expect(await run(PUT, { ADDRESSES: "10.251.1.11\n10.251.1.12" })).toMatchObject({ code: 0 });
        expect(addresses()).toEqual(["10.251.1.11/32", "10.251.1.12/32"]);
        expect(machine.read(UNIT)).not.toContain("10.251.1.10");
    });

    test("come back where someone has taken them away", async () => {
        await run(PUT);
        machine.world("addresses/egress0", "10.251.1.10/32\n192.0.2.1/32\n");
        expect(await run(PUT)).toMatchObject({ code: 0 });
        expect(addresses()).toEqual(["10.251.1.10/32", "10.251.1.11/32"]);
    });

    test("move to an interface of another name", async () => {
        await run(PUT);
        expect(await run(PUT, { INTERFACE: "egress1" })).toMatchObject({ code: 0 });
        expect(addresses()).toBeUndefined();
        expect(addresses("egress1")).toEqual(["10.251.1.10/32", "10.251.1.11/32"]);
    });

    test("leave nothing behind where there are none any more, and when they are removed", async () => {
        const clean = machine.snapshot();
        for (const [script, variables] of [
            [PUT, { ADDRESSES: "" }],
            [REMOVE, {}],
        ] as const) {
            await run(PUT);
            expect(await run(script, variables)).toMatchObject({
                code: 0,
                stdout: "the interface egress0 is removed\n",
            });
            expect(addresses()).toBeUndefined();
            expect(machine.snapshot()).toEqual(clean);
            expect(machine.read("../world/enabled")).toBeUndefined();
            expect(await run(script, variables)).toMatchObject({ code: 0, stdout: "" });
        }
    });

    test("are not put on what someone else has made", async () => {
        machine.file("/sys/class/net/egress0/mtu", "1500");
        expect((await run(PUT)).stderr).toBe(
            "east-1: the interface egress0 is on this host, and this program has not made it: name another one as egress.interface\n",
        );
        machine.file(UNIT, "[Service]\n");
        expect((await run(PUT)).stderr).toBe(
            "east-1: /etc/systemd/system/multicluster-egress.service is on this host, and this program has not put it there: take it away\n",
        );
        expect(await run(REMOVE)).toMatchObject({ code: 0, stdout: "" });
        expect(machine.read(UNIT)).toBe("[Service]\n");
    });

    const KINDS = ["before", "after", "fail"] as const;

    test("are there after a run that was cut off anywhere, once it has run again", async () => {
        const { interrupted } = await interrupt(machine, {
            run: (on, { fault }) => run(PUT, {}, fault, on),
            kinds: () => KINDS,
            look: (on) => on.snapshot(),
            next: async (on) => ({
                second: await run(PUT, {}, undefined, on),
                are: addresses("egress0", on),
            }),
        });
        expect(interrupted).not.toEqual([]);
        for (const { fault, after } of interrupted) {
            expect(after.second, `${fault.kind} ${fault.at}`).toMatchObject({ code: 0 });
            expect(after.are).toEqual(["10.251.1.10/32", "10.251.1.11/32"]);
        }
    }, 60_000);

    test("are gone after a removal that was cut off anywhere, once it has run again", async () => {
        await run(PUT);
        const { interrupted } = await interrupt(machine, {
            run: (on, { fault }) => run(REMOVE, {}, fault, on),
            kinds: () => KINDS,
            look: (on) => on.snapshot(),
            next: async (on) => ({
                second: await run(REMOVE, {}, undefined, on),
                are: addresses("egress0", on),
                unit: on.read(UNIT),
            }),
        });
        expect(interrupted).not.toEqual([]);
        for (const { fault, after } of interrupted) {
            expect(after.second, `${fault.kind} ${fault.at}`).toMatchObject({ code: 0 });
            expect(after.are).toBeUndefined();
            expect(after.unit).toBeUndefined();
        }
    }, 60_000);
});
