/* What components/rke2/scripts/parts/prepare-firewalld.sh does with firewalld, on a machine of fakes. */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { Machine } from "./machine.ts";
import { OPEN, PLAIN, plainHost, Preparations, serve } from "./prepare-fixture.ts";

const ZONE_FILE = "/etc/firewalld/zones/multicluster.xml";
const PORTS_FILE = "/etc/firewalld/policies/multicluster-in.xml";
const FORWARD_FILE = "/etc/firewalld/policies/multicluster-fw.xml";
const LEAVE = { ...PLAIN, FIREWALLD: "leave" };

const preparations = new Preparations();
const { prepare, undo } = preparations;
afterAll(() => preparations.dispose());

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
    plainHost(machine);
    serve(machine, "firewalld");
    machine.file("/etc/firewalld/zones/public.xml", "<zone/>\n");
    machine.file("/sys/systemd/firewalld/told", "<zone/>\n");
});
afterEach(() => {
    machine.dispose();
});

/** Whether it runs, and starts at boot. */
function firewalld(): [boolean, boolean] {
    const has = (name: string) => machine.read(`/sys/systemd/firewalld/${name}`) !== undefined;
    return [has("active"), has("enabled")];
}

describe("an open firewalld", () => {
    test("has objects of our own, and nothing else is changed", async () => {
        const { code, calls } = await prepare(machine, OPEN);
        expect(code).toBe(0);
        expect(calls.filter((call) => call === "firewall-cmd --reload")).toHaveLength(1);
        const rule = (family: string, range: string, what: string) => `  <rule family="${family}">
    <source address="${range}"/>
    ${what}
    <accept/>
  </rule>
`;
        const rules = [["ipv4", "192.168.10.0/24"] as const, ["ipv6", "fd00:10::/64"] as const].flatMap(
            ([family, range]) => [
                rule(family, range, '<port port="9345" protocol="tcp"/>'),
                rule(family, range, '<port port="8472" protocol="udp"/>'),
                rule(family, range, '<protocol value="esp"/>'),
            ],
        );
        expect(machine.read(ZONE_FILE)).toBe(`<?xml version="1.0" encoding="utf-8"?>
<zone target="ACCEPT">
  <short>multicluster</short>
  <description>Pods and Services. Written by multicluster, and removed with the node.</description>
  <source address="10.10.0.0/16"/>
  <source address="10.11.0.0/16"/>
  <forward/>
</zone>
`);
        expect(machine.read(PORTS_FILE)).toBe(`<?xml version="1.0" encoding="utf-8"?>
<policy target="CONTINUE">
  <short>multicluster-in</short>
  <description>What nodes reach on one another. Written by multicluster, and removed with the node.</description>
  <ingress-zone name="ANY"/>
  <egress-zone name="HOST"/>
${rules.join("")}</policy>
`);
        expect(machine.read(FORWARD_FILE)).toBe(`<?xml version="1.0" encoding="utf-8"?>
<policy target="ACCEPT">
  <short>multicluster-fw</short>
  <description>What is sent to pods is judged by Cilium. Written by multicluster, and removed with the node.</description>
  <ingress-zone name="ANY"/>
  <egress-zone name="multicluster"/>
</policy>
`);
        expect(machine.read("/sys/systemd/firewalld/told")).toContain("10.11.0.0/16");
        expect(machine.read("/etc/firewalld/zones/public.xml")).toBe("<zone/>\n");
        expect(firewalld()).toEqual([true, true]);
    });

    test("is not told again what it knows, and is as it was in the end", async () => {
        const before = machine.copy();
        await prepare(machine, OPEN);
        const again = await prepare(machine, OPEN);
        expect(again.stdout).toBe("");
        expect(again.calls).not.toContain("firewall-cmd --reload");
        const { calls } = await undo(machine);
        expect(calls.filter((call) => call === "firewall-cmd --reload")).toHaveLength(1);
        expect(machine.snapshot()).toEqual(before.snapshot());
        before.dispose();
    });

    test("hears of another port", async () => {
        await prepare(machine, OPEN);
        const run = await prepare(machine, { ...OPEN, PORTS: "9345/tcp" });
        expect(run.stdout).toBe(`wrote ${PORTS_FILE}\n`);
        expect(run.calls).toContain("firewall-cmd --reload");
        expect(machine.read("/sys/systemd/firewalld/told")).not.toContain("8472");
    });

    test("that only starts at boot finds its files then", async () => {
        machine.remove("/sys/systemd/firewalld/active");
        const { code, calls } = await prepare(machine, OPEN);
        expect(code).toBe(0);
        expect(calls.filter((call) => call.startsWith("firewall-cmd"))).toEqual([]);
        expect(machine.read(ZONE_FILE)).toBeDefined();
    });

    test("is refused where it knows no policies", async () => {
        machine.world("old-firewalld", "");
        expect(await prepare(machine, OPEN)).toMatchObject({
            code: 1,
            stderr: "east-1: this host's firewalld has no policies, and cannot be opened: update it to 0.9 or later, or set rke2.host.firewalld to off\n",
        });
        expect(machine.read(ZONE_FILE)).toBeUndefined();
    });

    test("is refused where it has a range of pods in another zone", async () => {
        machine.world("zones", "10.11.0.0/16 trusted\n10.10.0.0/16 multicluster\n");
        expect(await prepare(machine, OPEN)).toMatchObject({
            code: 1,
            stderr: "east-1: firewalld has the range 10.11.0.0/16 in its zone trusted, and one range can be in one zone only: run firewall-cmd --permanent --zone=trusted --remove-source=10.11.0.0/16 on this host\n",
        });
        expect(machine.read(ZONE_FILE)).toBeUndefined();
    });

    test("is nothing where there is none", async () => {
        machine.remove("/sys/systemd/firewalld");
        expect(await prepare(machine, OPEN, { tools: ["modprobe"] })).toMatchObject({ code: 0, stderr: "" });
        expect(machine.read(ZONE_FILE)).toBeUndefined();
    });
});

test("it is off, and on again in the end", async () => {
    expect((await prepare(machine, PLAIN)).stdout).toContain("firewalld is off\n");
    expect(firewalld()).toEqual([false, false]);
    expect((await undo(machine)).stdout).toContain("firewalld is as it was\n");
    expect(firewalld()).toEqual([true, true]);
});

test("it is put back as it was: at boot only, or running only", async () => {
    machine.remove("/sys/systemd/firewalld/active");
    const other = machine.copy();
    await prepare(machine, PLAIN);
    await undo(machine);
    expect(firewalld()).toEqual([false, true]);
    other.remove("/sys/systemd/firewalld/enabled");
    other.file("/sys/systemd/firewalld/active", "");
    await prepare(other, PLAIN);
    await undo(other);
    machine.dispose();
    machine = other;
    expect(firewalld()).toEqual([true, false]);
});

test.each([
    ["off", PLAIN],
    ["open", OPEN],
    ["left alone", LEAVE],
])("it is as it would have been from the start when it is %s after all", async (_, wanted) => {
    const fresh = machine.copy();
    await prepare(fresh, wanted);
    for (const other of [PLAIN, OPEN, LEAVE].filter((each) => each !== wanted)) {
        const moved = machine.copy();
        await prepare(moved, other);
        expect((await prepare(moved, wanted)).code).toBe(0);
        expect(withoutFolders(moved)).toEqual(withoutFolders(fresh));
        moved.dispose();
    }
    fresh.dispose();
});

/** An empty folder may stay until the end. */
function withoutFolders(on: Machine): [string, unknown][] {
    return Object.entries(on.snapshot()).filter(([path]) => !path.includes("prepared/folder-"));
}

test("no other word is taken", async () => {
    expect(await prepare(machine, { ...PLAIN, FIREWALLD: "on" })).toMatchObject({
        code: 1,
        stderr: "east-1: FIREWALLD is on: it must be off, open or leave\n",
    });
});
