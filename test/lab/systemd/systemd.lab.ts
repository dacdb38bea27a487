/* The simulated systemd, with a service of its own making. */
import { afterAll, beforeAll, expect, test } from "vitest";

import { ended, onHost, Place } from "../hosts/lab-fixture.ts";
import { openLab, type Lab } from "../hosts/lab.ts";

const UNIT = `[Service]
Type=notify
Environment=GREETING=hello
KillMode=process
TimeoutStartSec=0
Restart=always
RestartSec=500ms
ExecStart=/usr/local/bin/dummy serve

[Install]
WantedBy=multi-user.target
`;
const PROGRAM = `#!/bin/bash
echo "$GREETING $1"
[ ! -f /etc/broken ] || exit 3
sleep 0.5
systemd-notify --ready
trap 'exit 0' TERM
sleep 1000 & wait
`;

let place: Place, lab: Lab;
beforeAll(async () => {
    place = new Place();
    lab = await openLab(place.spec("systemd"));
    await onHost(
        lab,
        "east-1",
        `mkdir -p /usr/local/lib/systemd/system
cat >/usr/local/lib/systemd/system/dummy.service <<'END'
${UNIT}END
cat >/usr/local/bin/dummy <<'END'
${PROGRAM}END
chmod 755 /usr/local/bin/dummy`,
    );
});
afterAll(async () => {
    await place.dispose();
});

/** What a line prints, whatever it ends with. */
async function says(line: string): Promise<string> {
    return onHost(lab, "east-1", `${line} || echo "code $?"`);
}

test("a service is active when it says so, and who starts it without waiting is not held up", async () => {
    expect(await says("systemctl is-active dummy")).toBe("inactive\ncode 3");
    expect(await says("systemctl start --no-block dummy; systemctl is-active dummy")).toBe(
        "activating\ncode 3",
    );
    expect(await says("systemctl start dummy; systemctl is-active dummy")).toBe("active");
    expect(await says("systemctl is-active nothing")).toBe("inactive\ncode 4");
});

test("a restart is a start with another id", async () => {
    const id = "systemctl show --property=InvocationID --value dummy";
    const before = await says(id);
    await says("systemctl restart --no-block dummy");
    expect(await says("systemctl restart dummy; systemctl is-active dummy")).toBe("active");
    expect(await says(id)).not.toBe(before);
});

test("a service that was killed comes again", async () => {
    await says("kill -KILL $(systemctl show --property=MainPID --value dummy); sleep 0.2");
    expect(await says("systemctl is-active dummy")).toBe("activating\ncode 3");
    await says("sleep 2");
    expect(await says("systemctl is-active dummy; systemctl show -p NRestarts dummy")).toBe(
        "active\nNRestarts=1",
    );
});

test("nothing of the caller is held open", async () => {
    await says("systemctl stop dummy");
    const line = "exec 9>/run/lock; flock 9; systemctl start --no-block dummy";
    expect((await ended(lab.enterHost("east-1", ["bash", "-c", line]))).code).toBe(0);
    expect(await says("flock -n /run/lock echo free")).toBe("free");
});

test("what was enabled starts with the host", async () => {
    expect(await says("systemctl is-enabled --quiet dummy")).toBe("code 1");
    await says("systemctl enable --quiet dummy");
    expect(await says("systemctl is-enabled dummy")).toBe("enabled");
    await lab.powerOff("east-1");
    await lab.powerOn("east-1");
    expect(await says("systemctl start dummy; systemctl is-active dummy")).toBe("active");
    await says("systemctl disable --quiet --now dummy");
    expect(await says("systemctl is-active dummy")).toBe("inactive\ncode 3");
    expect(lab.diskFiles("east-1").filter((path) => path.startsWith("/etc/systemd"))).toEqual([]);
});

test("a service that fails is told, and its output is in the journal", async () => {
    expect(await says("touch /etc/broken; systemctl start dummy 2>&1")).toBe(
        'Job for dummy.service failed because the control process exited with error code.\nSee "systemctl status dummy.service" and "journalctl -xeu dummy.service" for details.\ncode 1',
    );
    expect(await says("systemctl stop dummy; journalctl --no-pager -n 4 -u dummy")).toMatch(
        /dummy: hello serve\n.*status=3/,
    );
    expect(lab.processes().filter(({ argv }) => argv.join(" ").includes("/usr/local/bin/dummy"))).toEqual([]);
});
