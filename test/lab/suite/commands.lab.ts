/* What a person types: `npm run lab -- up`, and what follows, as docs/lab.md says it. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { listLabs } from "../hosts/lab-folder.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { PROGRAM } from "../mesh/program.ts";

const NAME = "commands";

/** The mesh of stacks/lab.ts, all of it well. */
const STATE = `✔ east: server east-1 at 10.88.1.11: v1.35.4+rke2r1 ready
✔ east: server east-2 at 10.88.1.12: v1.35.4+rke2r1 ready
✔ east: server east-3 at 10.88.1.13: v1.35.4+rke2r1 ready
✔ east: agent east-4 at 10.88.1.21: v1.35.4+rke2r1 ready
✔ east: mesh API at 10.88.1.200, described 10.88.1.200
✔ west: server west-1 at 10.88.2.11: v1.35.4+rke2r1 ready
✔ west: agent west-2 at 10.88.2.21: v1.35.4+rke2r1 ready
✔ west: mesh API at 10.88.2.200, described 10.88.2.200
✔ east -> west: connected
✔ west -> east: connected
`;

beforeAll(() => LabMesh.close(NAME));
afterAll(() => LabMesh.close(NAME));

function lab(...args: readonly string[]) {
    const main = join(PROGRAM, "test/lab/main.ts");
    const { status, stdout, stderr } = spawnSync(process.execPath, [main, "--name", NAME, ...args], {
        encoding: "utf8",
        maxBuffer: 64 * 1024 * 1024,
    });
    return { status, stdout, stderr };
}

test("before up there is nothing to ask, and what to do is said", () => {
    for (const command of [["status"], ["ssh", "east-1"], ["kubectl", "east", "get", "nodes"], ["preview"]]) {
        expect(lab(...command)).toEqual({
            status: 1,
            stdout: "",
            stderr: `there is no lab ${NAME}: npm run lab -- up opens it\n`,
        });
    }
});

test("up says what it runs and what it does, and ends with the state of the mesh", () => {
    const { status, stdout, stderr } = lab("up");
    expect(status, stdout + stderr).toBe(0);
    expect(stdout).toMatch(/^name +version +from +path\npulumi +\S+ +(PATH|cache|download|build) +\//);
    expect(stdout).toMatch(/\n {4}\+ 85 created\n/);
    expect(stdout.endsWith(STATE)).toBe(true);
});

test("up again, and preview, change nothing", () => {
    expect(lab("up").stdout).toMatch(/\n {4}85 unchanged\n/);
    expect(lab("preview").stdout).toMatch(/\n {4}85 unchanged\n/);
});

test("status, ssh and kubectl answer", () => {
    expect(lab("status")).toMatchObject({ status: 0, stdout: STATE });
    expect(lab("ssh", "east-4", "hostname; exit 3")).toMatchObject({ status: 3, stdout: "east-4\n" });
    expect(lab("kubectl", "west", "get", "nodes", "--output", "name")).toMatchObject({
        status: 0,
        stdout: "node/west-1\nnode/west-2\n",
    });
});

test("a name that is none is refused with those there are", () => {
    expect(lab("ssh", "east-9")).toMatchObject({
        status: 2,
        stderr: "ssh: name one of east-1, east-2, east-3, east-4, west-1, west-2\n",
    });
    expect(lab("kubectl", "north")).toMatchObject({
        status: 2,
        stderr: "kubectl: name one of east, west\n",
    });
    expect(lab("nonsense")).toMatchObject({ status: 2, stdout: "" });
});

test("status tells what is not well, and fails", () => {
    expect(lab("ssh", "west-2", "systemctl stop rke2-agent; rke2-killall.sh >/dev/null 2>&1").status).toBe(0);
    // Kubernetes gives a silent node 40 seconds.
    const end = Date.now() + 90_000;
    for (;;) {
        const { status, stdout } = lab("status");
        if (stdout.includes("✖ west: agent west-2 at 10.88.2.21: v1.35.4+rke2r1 not ready")) {
            expect(status).toBe(1);
            return;
        }
        expect(Date.now(), stdout).toBeLessThan(end);
    }
});

test("down leaves nothing, and may be said twice", () => {
    expect(lab("down")).toMatchObject({ status: 0, stdout: "" });
    expect(listLabs()).not.toContain(NAME);
    expect(lab("down")).toMatchObject({ status: 0 });
});
