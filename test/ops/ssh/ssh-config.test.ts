import { existsSync, readFileSync, statSync } from "node:fs";

import { expect, it } from "vitest";

import { atMost } from "../../../ops/ssh/at-most.ts";
import { NamelessFile } from "../../../ops/ssh/nameless-file.ts";
import { knownHost, sshConfig } from "../../../ops/ssh/ssh-config.ts";
import { endOf, whyNot } from "../../../ops/ssh/ssh-log.ts";
import { routeTo } from "../../../ops/ssh/target.ts";

const ENDPOINT = { host: "10.88.1.11", port: 2022, user: "root" };
const HOST_KEY = { type: "ssh-ed25519", blob: "AAAA" };

it("ssh takes a command as it is, and nobody's configuration or known hosts", () => {
    const lines = sshConfig(
        { ...ENDPOINT, hostKey: HOST_KEY },
        { key: "/k", knownHosts: "/f" },
        { command: "date +%s # now" },
    ).split("\n");
    expect(lines).toEqual(
        expect.arrayContaining([
            "HostName 10.88.1.11",
            "Port 2022",
            "RemoteCommand date +%%s # now",
            "GlobalKnownHostsFile /dev/null",
            "UserKnownHostsFile /f",
            "StrictHostKeyChecking yes",
            "HostKeyAlgorithms ssh-ed25519",
            "IdentityFile /k",
            "IdentityAgent none",
            "IdentitiesOnly yes",
            "ConnectTimeout 15",
        ]),
    );
    expect(knownHost(ENDPOINT.host, HOST_KEY)).toBe("10.88.1.11 ssh-ed25519 AAAA\n");
});

it("ssh asks the agent where there is no key, and checks no host key where none is given", () => {
    const lines = sshConfig({ ...ENDPOINT, connectSeconds: 0 }, { agent: "/a%b" }, {});
    expect(lines).toContain('IdentityAgent "/a%%b"\n');
    expect(lines).toContain("StrictHostKeyChecking no\n");
    expect(lines).not.toContain("ConnectTimeout");
});

it.each([{ host: "a b" }, { user: "a\nProxyCommand x" }, { user: "" }])("ssh is not given %j", (change) => {
    expect(() => sshConfig({ ...ENDPOINT, ...change }, {}, {})).toThrow(/cannot be handed to ssh/);
});

it("ssh's log tells how a command ended", () => {
    const status = "debug1: client_input_channel_req: channel 0 rtype exit-status reply 0\n";
    expect(endOf(status, 255)).toEqual({ how: "exit", status: 255 });
    expect(endOf(status.replace("status", "signal"), 255)).toEqual({ how: "signal" });
    expect(endOf("debug1: x\r\nTimeout, server 10.88.1.11 not responding.\r\n", 255)).toEqual({
        how: "lost",
        reason: "Timeout, server 10.88.1.11 not responding.",
    });
});

it("the first to complain on the way is the reason", () => {
    expect(whyNot(["jump: Permission denied.\n", "Connection closed by UNKNOWN port 65535\n"])).toBe(
        "jump: Permission denied.",
    );
    expect(whyNot(["", "debug1: x\n"])).toBe("ssh gave no reason");
});

it("a route names its jump host", () => {
    const jumpHost = { host: "fd00::1", port: 22, user: "j" };
    expect(routeTo({ ...ENDPOINT, jumpHost })).toBe("root@10.88.1.11:2022 through j@[fd00::1]:22");
});

it("a nameless file is in no folder, or, where a system cannot do that, in one for this user alone", () => {
    const file = new NamelessFile("text");
    expect(readFileSync(file.path, "utf8")).toBe("text");
    expect(file.path).toMatch(/^\/proc\//);
    file.close();
    const named = new NamelessFile("text", "/nowhere");
    expect(named.read()).toBe("text");
    expect(statSync(named.path).mode & 0o777).toBe(0o600);
    named.close();
    expect(existsSync(named.path)).toBe(false);
});

it("no more than so many are worked on at once, and results keep their order", async () => {
    let now = 0;
    let most = 0;
    const work = async (item: number) => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 20 - 4 * item));
        now -= 1;
        return item * 10;
    };
    expect(await atMost(2, [0, 1, 2, 3, 4], work)).toEqual([0, 10, 20, 30, 40]);
    expect(most).toBe(2);
    await expect(atMost(2, [1, 2], () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
