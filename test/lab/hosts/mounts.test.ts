import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { mountPoints, unseen } from "./mounts.ts";
import { sshdConfig } from "./sshd-config.ts";

const folder = realpathSync(mkdtempSync(join(tmpdir(), "mounts-")));
const program = join(folder, "program");
const link = join(folder, "link");
writeFileSync(program, "");
symlinkSync(program, link);
afterAll(() => {
    rmSync(folder, { recursive: true });
});

test("mount points are read as the kernel writes them", () => {
    expect(
        mountPoints("1 2 8:1 / / rw - ext4 /dev/a rw\n3 1 8:2 / /mnt/a\\040b rw shared:1 - ext4 /dev/b rw\n"),
    ).toEqual(["/", "/mnt/a b"]);
});

test("a host sees by itself what is in the machine's root", () => {
    expect(unseen([program, link], ["/elsewhere"], ["/", "/proc"])).toEqual([]);
});

test("a host is shown what is hidden, or on another file system, and where a link leads", () => {
    const shared = [
        { source: program, target: link },
        { source: program, target: program },
    ];
    expect(unseen([link], [folder], ["/"])).toEqual(shared);
    expect(unseen([link], [], ["/", folder])).toEqual(shared);
});

test("only an sshd that knows of penalties is told to give none", () => {
    expect(sshdConfig("OpenSSH_9.2p1 Debian-2+deb12u10, OpenSSL 3.0.19")).not.toContain("Penalties");
    expect(sshdConfig("OpenSSH_10.0p2 Debian-7")).toContain("PerSourcePenalties no\n");
    expect(sshdConfig("OpenSSH_9.8p1")).toContain("PerSourcePenalties no\n");
});
