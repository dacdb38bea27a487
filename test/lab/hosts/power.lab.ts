/* What can happen to the hosts of a lab. */
import { spawn } from "node:child_process";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ended, inLab, onHost, Place } from "./lab-fixture.ts";
import { openLab, type Lab } from "./lab.ts";

let place: Place, lab: Lab;
beforeAll(async () => {
    place = new Place();
    lab = await openLab(place.spec("power"));
});
afterAll(async () => {
    await place.dispose();
});

function ssh(host: string, command = "true") {
    return ended(lab.enter(place.ssh(host, command)));
}

test("a host whose plug is pulled is gone at once; its disk is not, and it boots again", async () => {
    await onHost(
        lab,
        "east-1",
        "echo kept >/var/lib/kept; echo lost >/run/lost; setsid sleep 99 >/dev/null 2>&1 & disown",
    );
    await lab.powerOff("east-1");
    expect(lab.isOn("east-1")).toBe(false);
    expect(lab.processes().filter(({ host }) => host === "east-1")).toEqual([]);
    expect(lab.processes().filter(({ argv }) => argv.join(" ") === "sleep 99")).toEqual([]);
    expect(() => lab.enterHost("east-1", ["true"])).toThrow("east-1 is switched off");
    expect((await ssh("east-1")).stderr).toMatch(/No route to host|timed out/);
    expect(lab.diskFiles("east-1")).toEqual(["/var/lib/kept"]);
    // Pulled twice is pulled.
    await lab.powerOff("east-1");
    await lab.powerOn("east-1");
    expect(await ssh("east-1", "cat /var/lib/kept; ls /run/lost")).toMatchObject({
        stdout: "kept\n",
        code: 2,
    });
    await expect(lab.powerOn("east-1")).rejects.toThrow("east-1 is on already");
});

test("it can be pulled many times", { timeout: 60_000 }, async () => {
    for (let round = 0; round < 10; round += 1) {
        await lab.powerOff("east-2");
        await lab.powerOn("east-2");
    }
    expect(await ssh("east-2")).toMatchObject({ code: 0 });
});

test("what was enabled starts again at boot", async () => {
    await onHost(
        lab,
        "east-1",
        `mkdir -p /usr/local/lib/systemd/system
        printf '[Service]\\nExecStart=/bin/sleep 4242\\n[Install]\\nWantedBy=multi-user.target\\n' >/usr/local/lib/systemd/system/nap.service
        systemctl daemon-reload; systemctl enable --quiet nap`,
    );
    await lab.powerOff("east-1");
    await lab.powerOn("east-1");
    const naps = () => lab.processes().filter(({ argv }) => argv.includes("4242") && argv.length === 2);
    await expect.poll(naps, { timeout: 10_000 }).toMatchObject([{ host: "east-1" }]);
    await onHost(
        lab,
        "east-1",
        "systemctl disable --quiet nap; systemctl stop nap; rm -r /usr/local/lib/systemd/system/nap.service",
    );
});

test("a host that is unplugged runs on, and is reached by no one", async () => {
    await lab.unplug("east-1");
    expect((await ssh("east-1")).stderr).toMatch(/No route to host|timed out/);
    await onHost(lab, "east-1", "exec 3<>/dev/tcp/10.88.1.11/22");
    await lab.plug("east-1");
    await expect.poll(async () => (await ssh("east-1")).code, { timeout: 10_000 }).toBe(0);
});

test("an SSH server that is stopped refuses, and lets those who are in go on", async () => {
    const open = ssh("east-1", "touch /run/in; while [ ! -e /run/go ]; do sleep 0.1; done; echo done");
    await onHost(lab, "east-1", "until [ -e /run/in ]; do sleep 0.1; done");
    await lab.stopSsh("east-1");
    await lab.stopSsh("east-1");
    expect((await ssh("east-1")).stderr).toContain("Connection refused");
    await onHost(lab, "east-1", "touch /run/go");
    expect(await open).toMatchObject({ code: 0, stdout: "done\n" });
    await lab.startSsh("east-1");
    await lab.startSsh("east-1");
    expect(await ssh("east-1")).toMatchObject({ code: 0 });
});

test("a host that is added is known to all, and one that is removed leaves nothing", async () => {
    const host = { name: "north-1", address: "10.88.3.11" };
    await lab.addHost(host);
    expect(lab.hosts).toContainEqual(host);
    expect(await onHost(lab, "east-1", "getent hosts north-1")).toContain("10.88.3.11");
    expect(await inLab(lab, "getent hosts north-1")).toContain("10.88.3.11");
    expect(await ssh("north-1", "echo x >/etc/x; hostname")).toMatchObject({ code: 0, stdout: "north-1\n" });
    await expect(lab.addHost(host)).rejects.toThrow("there are two hosts north-1");
    await lab.removeHost("north-1");
    expect(lab.hosts).not.toContainEqual(host);
    expect((await ended(lab.enterHost("east-1", ["getent", "hosts", "north-1"]))).code).toBe(2);
    expect(await inLab(lab, `ls ${lab.folder}/hosts; ip -brief link`)).not.toMatch(/north-1|h0a58030b/);
    expect(lab.processes().filter(({ argv }) => argv.includes("north-1"))).toEqual([]);
    expect(() => lab.diskFiles("north-1")).toThrow("the lab has no host north-1, only east-1, east-2");
    // Again, with an empty disk.
    await lab.addHost(host);
    expect(lab.diskFiles("north-1")).toEqual([]);
    await lab.removeHost("north-1");
});

test("a command that is entered ends with the process that entered it", async () => {
    for (const argv of [lab.enter(["sleep", "1234"]), lab.enterHost("east-1", ["sleep", "1234"])]) {
        const entering = ended(["timeout", "--signal=KILL", "1", ...argv]);
        const sleeping = () => lab.processes().filter((one) => one.argv.join(" ") === "sleep 1234").length;
        await expect.poll(sleeping).toBe(1);
        await entering;
        await expect.poll(sleeping).toBe(0);
    }
});

test("a command that is entered ends in its own time at Ctrl-C", async () => {
    const argv = ["bash", "-c", "trap 'echo cleaned up; exit 3' INT; echo ready; sleep 60 & wait"];
    for (const [command = "", ...rest] of [lab.enter(argv), lab.enterHost("east-1", argv)]) {
        const child = spawn(command, rest, { detached: true, stdio: ["ignore", "pipe", "inherit"] });
        let said = "";
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
            said += text;
            // A terminal sends it to the whole group.
            if (text === "ready\n") process.kill(-(child.pid ?? 0), "SIGINT");
        });
        const code = await new Promise((resolve) => child.once("exit", resolve));
        expect({ code, said }).toEqual({ code: 3, said: "ready\ncleaned up\n" });
    }
});

test("the first process of a host uses no time of its own, and no zombie stays", async () => {
    await onHost(lab, "east-2", "for i in {1..20}; do setsid true & done; disown -a; sleep 0.3");
    expect(await onHost(lab, "east-2", "ps -e -o stat= | grep -c Z || true")).toBe("0");
    expect(await onHost(lab, "east-2", "ps -o cputimes= -p 1")).toBe("0");
});
