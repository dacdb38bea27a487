/*
 * components/rke2/scripts/restore.sh, step by step. Not shown: that RKE2 makes etcd from a snapshot, and that a server which has
 * lost its data joins the others.
 */
import { utimesSync } from "node:fs";
import { join } from "node:path";

import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { KnownRuns } from "./known-runs.ts";
import type { Machine, Run } from "./machine.ts";
import { DB, firstServer, otherServer, SCRIPT, SNAPSHOT, TOKEN, variables } from "./restore-fixture.ts";

const MARK = "/etc/rancher/rke2/restore.reset";
const SERVER_FILE = "/etc/rancher/rke2/config.yaml.d/zz-multicluster-restore.yaml";

let machine: Machine;
let other: Machine;
beforeEach(() => {
    machine = firstServer();
    other = otherServer();
});
afterEach(() => {
    machine.dispose();
    other.dispose();
});

function step(STEP: string, others: Readonly<Record<string, string>> = {}, on = machine): Promise<Run> {
    return on.run(SCRIPT, variables(STEP, others));
}

const runs = new KnownRuns();
afterAll(() => runs.dispose());

/** Every step but `before`, each done. */
async function until(before: string): Promise<void> {
    for (const name of ["stop", "reset", "begin", "finish"]) {
        if (name === before) return;
        expect(await runs.run(machine, SCRIPT, variables(name))).toMatchObject({ code: 0 });
    }
}

const failed = (message: string) => ({ code: 1, stdout: "", stderr: `east-1: ${message}\n` });
const resets = ({ calls }: Run) => calls.filter((call) => call.startsWith("rke2 server"));
const data = (on: Machine) => on.read(`${DB}/etcd/from`)?.trim();

describe("list and look", () => {
    test("tell of the snapshots, and change nothing", async () => {
        const before = machine.snapshot();
        expect((await step("list")).stdout).toMatch(
            new RegExp(`^snapshot\t\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d\t\\d+\t${SNAPSHOT}\n$`),
        );
        expect((await step("look")).stdout).toMatch(
            new RegExp(`^${DB}/snapshots/${SNAPSHOT}, \\d+ bytes, of [-\\d]+ [:\\d]+ UTC\n$`),
        );
        expect(await step("look", { SNAPSHOT: "" })).toMatchObject({
            code: 0,
            stdout: "the host answers, and has RKE2\n",
        });
        expect(machine.snapshot()).toEqual(before);
    });

    test("know another folder for snapshots, and a path", async () => {
        machine.file("/etc/rancher/rke2/config.yaml", 'etcd-snapshot-dir: "/backup"\n');
        machine.file("/backup/here", "x");
        expect((await step("list")).stdout).toContain("\there\n");
        expect((await step("look", { SNAPSHOT: "here" })).stdout).toMatch(/^\/backup\/here, /);
        expect((await step("look", { SNAPSHOT: "/backup/here" })).stdout).toMatch(/^\/backup\/here, /);
    });

    test.each([
        [
            "a snapshot that is not there",
            (on: Machine) => {
                on.remove(`${DB}/snapshots/${SNAPSHOT}`);
                on.file(`${DB}/snapshots/a`, "x");
                on.file(`${DB}/snapshots/b`, "x");
            },
            `there is no snapshot ${DB}/snapshots/${SNAPSHOT} here. There are: a, b`,
        ],
        [
            "no snapshots at all",
            (on: Machine) => {
                on.remove(`${DB}/snapshots`);
            },
            `there is no snapshot ${DB}/snapshots/${SNAPSHOT} here. There are: none`,
        ],
        [
            "a host without this program's RKE2",
            (on: Machine) => {
                on.remove("/etc/rancher/rke2/token");
            },
            "this host has no configuration of RKE2 by this program: a new host is first made a server by npm run up, and restored then",
        ],
        [
            "a host without rke2-killall.sh",
            (on: Machine) => {
                on.remove("/usr/local/bin/rke2-killall.sh");
            },
            "rke2-killall.sh is not on this host, without which RKE2's pods cannot be ended: was RKE2 installed here?",
        ],
        [
            "a snapshot of the time of another token",
            (on: Machine) => {
                on.file(`${DB}/snapshots/${SNAPSHOT}`, "\0/bootstrap/aaaaaaaaaaaa\0");
            },
            `the snapshot ${DB}/snapshots/${SNAPSHOT} was made when the cluster had another token, and only that one opens it. Choose a snapshot that was made after the token was replaced (rke2.tokenGeneration, or the token in the configuration). Nothing has been changed`,
        ],
    ])("refuse %s", async (_, spoil, message) => {
        spoil(machine);
        expect(await step("look")).toMatchObject(failed(message));
    });

    test("know the token in RKE2's own form", async () => {
        machine.file("/etc/rancher/rke2/token", `K10abc::server:${TOKEN}\n`);
        expect((await step("look")).code).toBe(0);
    });

    test("tell of a restore that was begun, if it is of the same snapshot and not old", async () => {
        await until("begin");
        expect((await step("look")).stdout).toMatch(/\nbegun\tone\t[-\d]+ [:\d]+ UTC\n$/);
        machine.file(`${DB}/snapshots/newer`, "x");
        expect((await step("look", { SNAPSHOT: "newer" })).stdout).not.toContain("begun");
        expect((await step("look", { S3_ENDPOINT: "s3", S3_BUCKET: "b" })).stdout).not.toContain("begun");
        const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 3600;
        utimesSync(join(machine.root, MARK), twoDaysAgo, twoDaysAgo);
        expect((await step("look")).stdout).not.toContain("begun");
    });
});

describe("the first server", () => {
    test("is stopped, reset and begun, and says which nodes there are", async () => {
        expect(await step("stop")).toMatchObject({ code: 0, stdout: "RKE2 and its pods have ended\n" });
        expect(machine.service("rke2-server").state).toBe("inactive");
        expect(await step("reset")).toMatchObject({
            code: 0,
            stderr: "",
            stdout: "etcd is what the snapshot holds, and has this server alone\n",
        });
        expect(data(machine)).toBe(SNAPSHOT);
        expect(machine.read(MARK)).toBe(`one reset file ${DB}/snapshots/${SNAPSHOT}\n`);
        expect(machine.mode(MARK)).toBe("600");
        expect(await step("begin")).toMatchObject({
            code: 0,
            stdout: "the cluster answers from this server\n",
        });
        expect(machine.service("rke2-server").state).toBe("active");
        machine.world("answers/get nodes.all", "east-1\neast-2\n");
        expect(await step("finish")).toMatchObject({ code: 0, stdout: "node\teast-1\nnode\teast-2\n" });
        expect(machine.read(MARK)).toBeUndefined();
        expect(machine.read("/run/multicluster-restore.yaml")).toBeUndefined();
    });

    test("is not stopped or reset again for the same restore, and both for another one", async () => {
        await until("begin");
        const again = [await step("stop"), await step("reset")];
        expect(again.map(({ stdout }) => stdout)).toEqual([
            "the data of this server is of this restore already: it is left as it is\n",
            "etcd has become what the snapshot holds in an earlier run: it is not reset again\n",
        ]);
        expect(again.flatMap(({ calls }) => calls)).toEqual([]);
        expect((await step("stop", { RESTORE: "two" })).code).toBe(0);
        expect(resets(await step("reset", { RESTORE: "two" }))).toHaveLength(1);
        expect(machine.read(MARK)).toMatch(/^two reset /);
        expect(data(machine)).toBe(SNAPSHOT);
    });

    test("is reset without what names other servers or the bucket, in config.yaml.d too", async () => {
        machine.file("/etc/rancher/rke2/config.yaml", 'a: 1\nserver: "https://x:9345"\netcd-s3: true\n');
        machine.file("/etc/rancher/rke2/config.yaml.d/10.yaml", 'b: 2\nserver: "https://y:9345"\n');
        machine.file(SERVER_FILE, 'server: "https://z:9345"\n');
        machine.file(`${DB}/reset-flag`, "");
        await until("begin");
        expect(machine.read("../world/reset-config")).toBe("a: 1\nb: 2\n");
    });

    test("is not reset while RKE2 runs", async () => {
        expect(await step("reset")).toMatchObject(
            failed("RKE2 runs on this server: it must be stopped first"),
        );
        expect(data(machine)).toBe("the old cluster");
    });

    test("takes a snapshot from the bucket; the keys are in no argument", async () => {
        await step("stop");
        const s3 = {
            ...{ S3_ENDPOINT: "s3.example.net", S3_BUCKET: "saved", S3_REGION: "eu-1", S3_FOLDER: "east" },
            ...{ S3_ACCESS_KEY: "ACCESS", S3_SECRET_KEY: "HIDDEN" },
        };
        expect((await step("look", s3)).stdout).toBe(
            "the snapshot is looked for in the bucket saved at the time of the reset\n",
        );
        const run = await step("reset", s3);
        expect(resets(run)).toEqual([
            `rke2 server --config ${machine.root}/run/multicluster-restore.yaml --cluster-reset --cluster-reset-restore-path=${SNAPSHOT} --etcd-s3 --etcd-s3-endpoint=s3.example.net --etcd-s3-bucket=saved --etcd-s3-region=eu-1 --etcd-s3-folder=east`,
        ]);
        expect(machine.read("../world/reset-keys")).toBe("ACCESS HIDDEN");
        expect(machine.read(MARK)).toBe(`one reset s3 s3.example.net/saved/east/${SNAPSHOT}\n`);
        machine.world("reset-fails", `the bucket refuses ACCESS, HIDDEN and ${TOKEN}\n`);
        expect(await step("reset", { ...s3, RESTORE: "two" })).toMatchObject(
            failed(
                `rke2 server --cluster-reset has failed. What etcd had before is in ${DB}/etcd-old-1. Its last lines:\nthe bucket refuses [secret], [secret] and [secret]`,
            ),
        );
    });

    test("says what to do about another token, if only the reset finds out", async () => {
        await step("stop");
        machine.world("reset-fails", "bootstrap data already found and encrypted with different token\n");
        expect(await step("reset")).toMatchObject(
            failed(
                "rke2 server --cluster-reset has failed. The snapshot was made when the cluster had another token, and only that one opens it. Choose a snapshot that was made after the token was replaced (rke2.tokenGeneration, or the token in the configuration). Its last lines:\nbootstrap data already found and encrypted with different token",
            ),
        );
        expect(machine.read(MARK)).toBeUndefined();
    });

    test("is not begun before it is reset, and is begun in a second try", async () => {
        const first = failed("this server has not been reset: that comes first");
        expect(await step("begin")).toMatchObject(first);
        expect(await step("finish")).toMatchObject(first);
        await until("begin");
        machine.world("never-starts", "");
        expect(await step("begin", { SECONDS_MAX: "0" })).toMatchObject(
            failed(
                'gave up after 0 s: rke2-server is activating. The last lines of rke2-server:\nlevel=fatal msg="starting kubernetes: token [token] was refused"',
            ),
        );
        machine.forget("never-starts");
        expect((await step("begin")).code).toBe(0);
        expect(data(machine)).toBe(SNAPSHOT);
    });
});

describe("another server", () => {
    test("loses its old data, keeps its snapshots, and joins the first one", async () => {
        await step("stop", {}, other);
        expect(await step("rejoin", {}, other)).toMatchObject({
            code: 0,
            stderr: "",
            stdout: "the server is a member of the cluster again\n",
        });
        expect(data(other)).toBeUndefined();
        expect(other.read(`${DB}/snapshots/its-own`)).toBe("text");
        expect(other.read(MARK)).toBe("one rejoin\n");
        expect(other.read(SERVER_FILE)).toBeUndefined();
        expect(other.read("/etc/rancher/rke2/config.yaml")).toContain("10.0.0.1");
    });

    test("is told where to join while it does, also if it began the cluster once", async () => {
        machine.world("never-starts", "");
        expect((await step("rejoin", { SECONDS_MAX: "0", SERVER_URL: "https://10.0.0.2:9345" })).code).toBe(
            1,
        );
        expect(machine.read(SERVER_FILE)).toBe('server: "https://10.0.0.2:9345"\n');
        expect(await step("rejoin", { SERVER_URL: "" })).toMatchObject(
            failed("this step was not told which server to join: it would begin a cluster of its own"),
        );
    });

    test("is emptied once: a second try goes on with what it has got since", async () => {
        await step("stop", {}, other);
        other.world("never-starts", "");
        await step("rejoin", { SECONDS_MAX: "0" }, other);
        other.forget("never-starts");
        other.file(`${DB}/etcd/from`, "the restored cluster");
        expect(await step("stop", {}, other)).toMatchObject({
            stdout: "the data of this server is of this restore already: it is left as it is\n",
        });
        expect((await step("rejoin", {}, other)).code).toBe(0);
        expect(data(other)).toBe("the restored cluster");
        // Another restore, and it is of an older cluster again.
        await step("rejoin", { RESTORE: "two" }, other);
        expect(data(other)).toBeUndefined();
    });

    test("that has started again with its old data is stopped first", async () => {
        const run = await step("rejoin", {}, other);
        expect(run.code).toBe(0);
        expect(run.calls.slice(1, 3)).toEqual(["systemctl stop rke2-server", "rke2-killall.sh "]);
        expect(data(other)).toBeUndefined();
    });
});

describe("what stops a step", () => {
    test("is told by stop, which may be done again", async () => {
        machine.world("killall-fails", "");
        expect(await step("stop")).toMatchObject(
            failed("rke2-killall.sh has failed: run it by hand on this host and see"),
        );
        machine.forget("killall-fails");
        expect((await step("stop")).code).toBe(0);
        expect((await step("stop")).code).toBe(0);
    });

    test("is a systemd that does not answer: a server that may run is not emptied", async () => {
        const environment = { SYSTEMD_SILENT: "yes" };
        expect(await other.run(SCRIPT, variables("rejoin"), { environment })).toMatchObject(
            failed("systemd does not say how rke2-server is, but: nothing"),
        );
        expect(data(other)).toBe("the old cluster");
    });

    test("is a name that no step has, or no name for the restore", async () => {
        expect(await step("undo")).toMatchObject(failed("there is no step undo"));
        expect(await step("stop", { RESTORE: "" })).toMatchObject(
            failed("no restore is named for this step"),
        );
    });
});

test("a whole run that fails at the last server is finished by another: nothing is reset or emptied twice", async () => {
    const whole = async () => [
        await step("stop", {}, other),
        await step("stop"),
        await step("reset"),
        await step("begin"),
        await step("rejoin", { SECONDS_MAX: "0" }, other),
    ];
    other.world("never-starts", "");
    expect((await whole()).map(({ code }) => code)).toEqual([0, 0, 0, 0, 1]);
    other.forget("never-starts");
    other.file(`${DB}/etcd/from`, "the restored cluster");
    machine.file(`${DB}/etcd/from`, "the restored cluster");
    const second = await whole();
    expect(second.map(({ code }) => code)).toEqual([0, 0, 0, 0, 0]);
    expect(second.flatMap(({ calls }) => calls).filter((call) => /stop|killall|^rke2 /.test(call))).toEqual(
        [],
    );
    expect([machine, other].map(data)).toEqual(["the restored cluster", "the restored cluster"]);
    // Another restore gives up what is left of this one.
    await step("stop", { RESTORE: "two" });
    expect(machine.read(MARK)).toBeUndefined();
});
