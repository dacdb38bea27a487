import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { main } from "../../ops/restore.ts";
import { highlyAvailable, type TwoClusters } from "../support/mesh.ts";
import { FakeSsh } from "./ssh/fake-ssh.ts";

const EAST_1 = "192.168.10.11";
const EAST_2 = "192.168.10.12";
const EAST_3 = "192.168.10.13";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nTHE KEY ITSELF\n-----END OPENSSH PRIVATE KEY-----\n";
const NODES = ["east-1", "east-2", "east-3", "east-4", "east-5"];

let ssh: FakeSsh;

beforeEach(() => {
    ssh = new FakeSsh();
    vi.stubEnv("PATH", ssh.path);
    vi.stubEnv("TMPDIR", ssh.temporary);
    const config = {
        "multicluster:sshPrivateKey": { value: KEY, secret: true },
        "multicluster:s3Access": { value: "THE ACCESS KEY", secret: true },
        "multicluster:s3Secret": { value: "THE SECRET KEY", secret: true },
    };
    writeFileSync(join(ssh.temporary, "config.json"), JSON.stringify(config));
    ssh.command("pulumi", `cat '${ssh.temporary}/config.json'`);
    for (const host of [EAST_1, EAST_2, EAST_3]) answer(host);
});

afterEach(() => {
    vi.unstubAllEnvs();
    ssh.remove();
});

/** What a host does at each step: a line of bash by its name. The others are done, without many words. */
function answer(host: string, steps: Readonly<Record<string, string>> = {}): void {
    const known = {
        look: "echo /snapshots/before, 5 bytes",
        finish: `printf 'node\\t%s\\n' ${NODES.join(" ")}`,
        ...steps,
    };
    ssh.host(
        host,
        [
            "login",
            // Without a process of its own for each, which takes longer than what it does.
            `SCRIPT=$(<"$INPUT") STEP=\${SCRIPT#*$'\\n'STEP=\\'} STEP=\${STEP%%\\'*}`,
            `echo "$STEP $HOST" >>'${ssh.temporary}/steps'`,
            `echo "$SCRIPT" >'${ssh.temporary}/'"$STEP-$HOST"`,
            "case $STEP in",
            ...Object.entries(known).map(([step, bash]) => `${step}) ${bash} ;;`),
            '*) echo "$STEP is done" ;;',
            "esac",
        ].join("\n"),
    );
}

/** The steps that hosts were asked for, in the order in which they were. */
function asked({ from = 0 }: { from?: number } = {}): string[] {
    const file = join(ssh.temporary, "steps");
    return existsSync(file) ? readFileSync(file, "utf8").trimEnd().split("\n").slice(from) : [];
}

/** Those that change something. */
const changes = (options: { from?: number } = {}) =>
    asked(options).filter((line) => !/^(look|list) /.test(line));

const script = (step: string, host: string) => readFileSync(join(ssh.temporary, `${step}-${host}`), "utf8");
const restoreId = (step: string, host: string) => /^RESTORE='(.*)'$/m.exec(script(step, host))?.[1];

function mesh(): TwoClusters {
    return { ...highlyAvailable(), ssh: { user: "ops", auth: { privateKey: fromConfig("sshPrivateKey") } } };
}

function withBucket(): TwoClusters {
    const description = mesh();
    description.clusters.east.rke2 = {
        snapshots: {
            s3: {
                endpoint: "s3.example.net",
                bucket: "saved",
                accessKey: fromConfig("s3Access"),
                secretKey: fromConfig("s3Secret"),
            },
        },
    };
    return description;
}

interface Asking {
    /** What a person types; without it there is no terminal. */
    readonly typed?: string;
    readonly description?: unknown;
}

async function restore(args: readonly string[], { typed, description = mesh() }: Asking = {}) {
    const output = { stdout: "", stderr: "" };
    const code = await main(args, {
        env: process.env,
        loadStack: () => Promise.resolve(description),
        stdout: { write: (text) => (output.stdout += text) },
        stderr: { write: (text) => (output.stderr += text) },
        ...(typed === undefined
            ? {}
            : {
                  ask: (question: string) => {
                      output.stdout += `${question}${typed}\n`;
                      return Promise.resolve(typed);
                  },
              }),
        paint: (style, text) => (style === "bold" ? text : `<${style}>${text}</>`),
    });
    return { code, ...output };
}

const EAST = ["dev", "east", "--snapshot", "before"];
const IN_ORDER = [
    `stop ${EAST_2}`,
    `stop ${EAST_3}`,
    `stop ${EAST_1}`,
    `reset ${EAST_1}`,
    `begin ${EAST_1}`,
    `rejoin ${EAST_2}`,
    `rejoin ${EAST_3}`,
    `finish ${EAST_1}`,
];

describe("npm run restore", () => {
    it("shows every step, asks, and does them in their order", async () => {
        expect(await restore(EAST, { typed: "east" })).toEqual({
            code: 0,
            stderr: "",
            stdout: `dev, cluster east: back to the snapshot before on east-1
    /snapshots/before, 5 bytes

The steps, in this order:
   1. stop    east-2  RKE2 ends here, and the pods of this server
   2. stop    east-3  RKE2 ends here, and the pods of this server
   3. stop    east-1  RKE2 ends here, and the pods of this server; last, as it has the snapshot
   4. reset   east-1  etcd becomes what the snapshot holds, with this server alone
   5. begin   east-1  RKE2 starts, and its API is awaited
   6. rejoin  east-2  its etcd data is deleted, and it joins east-1 anew
   7. rejoin  east-3  its etcd data is deleted, and it joins east-1 anew
   8. finish  east-1  the cluster's nodes are compared with the description

<yellow>What is lost:</> everything that the API of east has stored after the snapshot.
Pods on agents go on running meanwhile. Those on servers end, and the API does not answer until east-1 has begun again.

Type the name of the cluster to begin: east
[1/8] stop on east-2: RKE2 ends here, and the pods of this server
    stop is done
[2/8] stop on east-3: RKE2 ends here, and the pods of this server
    stop is done
[3/8] stop on east-1: RKE2 ends here, and the pods of this server; last, as it has the snapshot
    stop is done
[4/8] reset on east-1: etcd becomes what the snapshot holds, with this server alone
    reset is done
[5/8] begin on east-1: RKE2 starts, and its API is awaited
    begin is done
[6/8] rejoin on east-2: its etcd data is deleted, and it joins east-1 anew
    rejoin is done
[7/8] rejoin on east-3: its etcd data is deleted, and it joins east-1 anew
    rejoin is done
[8/8] finish on east-1: the cluster's nodes are compared with the description

<green>east is what the snapshot holds</>
Next: npm run up -- dev
It changes nothing where the description is what it was at the time of the snapshot. What this program has put into the cluster since then is made again by: npm run up -- dev --refresh
`,
        });
        expect(asked().slice(0, 3).sort()).toEqual([`look ${EAST_1}`, `look ${EAST_2}`, `look ${EAST_3}`]);
        expect(changes()).toEqual(IN_ORDER);
    });

    it("names one restore on all hosts, the snapshot on the first, and where to join on the others", async () => {
        await restore([...EAST, "--yes"]);
        const ids = IN_ORDER.map((line) => line.split(" ")).map(([step = "", host = ""]) =>
            restoreId(step, host),
        );
        expect(new Set(ids).size).toBe(1);
        expect(ids[0]).toMatch(/^[0-9a-f-]{36}$/);
        expect(script("look", EAST_1)).toContain("\nSNAPSHOT='before'\n");
        expect(script("look", EAST_2)).not.toContain("SNAPSHOT='");
        expect(script("reset", EAST_1)).toContain("\nSNAPSHOT='before'\n");
        expect(script("rejoin", EAST_3)).toContain(`\nSERVER_URL='https://${EAST_1}:9345'\n`);
        expect(script("rejoin", EAST_3)).toContain("NODE_NAME='east-3'\n");
        expect(ssh.config(EAST_2)).toContain(
            "\nRemoteCommand sudo -n timeout -k 10 1860 bash -euo pipefail -s\n",
        );
    });

    it("begins with the server that is named, which the others join", async () => {
        expect((await restore([...EAST, "--on", "east-2", "--yes"])).code).toBe(0);
        expect(changes()).toEqual([
            `stop ${EAST_1}`,
            `stop ${EAST_3}`,
            `stop ${EAST_2}`,
            `reset ${EAST_2}`,
            `begin ${EAST_2}`,
            `rejoin ${EAST_1}`,
            `rejoin ${EAST_3}`,
            `finish ${EAST_2}`,
        ]);
        expect(script("rejoin", EAST_1)).toContain(`\nSERVER_URL='https://${EAST_2}:9345'\n`);
    });

    it("asks nothing of a server that is lost, and warns of its return", async () => {
        const description = mesh();
        description.clusters.east.servers["east-1"] = { address: EAST_1, lost: true };
        const { code, stdout } = await restore([...EAST, "--yes"], { description });
        expect(code).toBe(0);
        expect(changes()).toEqual([
            ...[`stop ${EAST_3}`, `stop ${EAST_2}`, `reset ${EAST_2}`, `begin ${EAST_2}`],
            ...[`rejoin ${EAST_3}`, `finish ${EAST_2}`],
        ]);
        expect(stdout).toContain(
            "\neast-1: described as lost, and not asked. Such a host must not come back with its old data: it would know another cluster.\n",
        );
    });

    it("tells which nodes the snapshot does not know, and which ones it knows alone", async () => {
        answer(EAST_1, { finish: "printf 'node\\t%s\\n' east-1 east-2 east-3 east-4 east-9" });
        expect((await restore([...EAST, "--yes"])).stdout).toContain(`is what the snapshot holds</>
Not in the cluster, as they joined after the snapshot: east-5. Each comes back when RKE2 starts there again: systemctl restart rke2-agent
In the cluster again, and not described: east-9. If they are gone for good: kubectl delete node east-9
Next: npm run up -- dev
`);
    });

    it("takes a snapshot from the bucket, whose keys appear nowhere", async () => {
        answer(EAST_1, { reset: "echo with THE ACCESS KEY; echo THE SECRET KEY is refused >&2; exit 1" });
        const { code, stdout, stderr } = await restore([...EAST, "--from-s3", "--yes"], {
            description: withBucket(),
        });
        expect(code).toBe(1);
        expect(stdout).toContain("    [secret] is refused\n");
        for (const [name, value] of [
            ["SNAPSHOT", "before"],
            ["S3_ENDPOINT", "s3.example.net"],
            ["S3_BUCKET", "saved"],
            ["S3_REGION", ""],
            ["S3_FOLDER", "east"],
            ["S3_ACCESS_KEY", "THE ACCESS KEY"],
            ["S3_SECRET_KEY", "THE SECRET KEY"],
        ]) {
            expect(`\n${script("reset", EAST_1)}`).toContain(`\n${name}='${value}'\n`);
        }
        expect(script("stop", EAST_2)).not.toContain("THE SECRET KEY");
        expect(stdout + stderr + ssh.calls.join("\n") + ssh.config(EAST_1)).not.toMatch(
            /THE (ACCESS|SECRET) KEY|THE KEY ITSELF/,
        );
    });

    it("lists which snapshots are on which server", async () => {
        answer(EAST_1, {
            list: "printf 'snapshot\\t2026-11-20 12:00\\t5000\\tnightly-1\\nsnapshot\\t2026-11-21 12:00\\t61000\\tnightly-2\\n'",
        });
        answer(EAST_2, { list: ":" });
        ssh.host(EAST_3, "refuse Connection refused");
        expect(await restore(["dev", "east", "--list"], { description: withBucket() })).toEqual({
            code: 1,
            stderr: "",
            stdout: `SERVER  DATE (UTC)        BYTES  SNAPSHOT
east-1  2026-11-20 12:00  5000   nightly-1
east-1  2026-11-21 12:00  61000  nightly-2
east-2  none
east-3  <red>no answer</>
Those in the bucket saved are not listed; --from-s3 takes one by its name.
<red>✖ east-3</>: it cannot be reached: Connection refused
`,
        });
        answer(EAST_3, { list: ":" });
        expect((await restore(["dev", "east", "--list"])).code).toBe(0);
        expect(changes()).toEqual([]);
    });
});

describe("a restore that ends half-way", () => {
    it("says where and why, and what is left", async () => {
        answer(EAST_1, { begin: "echo 'east-1: gave up after 900 s: the API is not ready' >&2; exit 1" });
        const { code, stdout } = await restore([...EAST, "--yes"]);
        expect(code).toBe(1);
        expect(stdout.slice(stdout.indexOf("[5/8]")))
            .toBe(`[5/8] begin on east-1: RKE2 starts, and its API is awaited
<red>✖ begin on east-1 has failed</>
    east-1: gave up after 900 s: the API is not ready
Not begun: rejoin on east-2, rejoin on east-3, finish on east-1. When this is mended, run the same command again: what has been done is not done twice.
`);
        expect(changes()).toEqual(IN_ORDER.slice(0, 5));
    });

    it("goes on under the same name, or with --anew under another one", async () => {
        answer(EAST_1, {
            look: "printf '/snapshots/before, 5 bytes\\nbegun\\tthe-first-run\\t2026-11-21 12:00:00 UTC\\n'",
        });
        const { code, stdout } = await restore([...EAST, "--yes"]);
        expect(code).toBe(0);
        expect(stdout).toContain(`    /snapshots/before, 5 bytes\n\nThe steps`);
        expect(stdout).toContain(
            "\nAn earlier run has brought east-1 back to this snapshot, 2026-11-21 12:00:00 UTC, and did not come to its end. This one goes on from there: no server is reset or emptied twice. --anew begins from the start.\n",
        );
        expect(changes()).toEqual(IN_ORDER);
        expect(restoreId("reset", EAST_1)).toBe("the-first-run");
        expect(restoreId("rejoin", EAST_3)).toBe("the-first-run");
        const anew = await restore([...EAST, "--anew", "--yes"]);
        expect(anew.stdout).not.toContain("earlier run");
        expect(restoreId("reset", EAST_1)).toMatch(/^[0-9a-f-]{36}$/);
    });

    it.each([
        ["refuse Connection timed out", "it cannot be reached: Connection timed out"],
        ["login; exit 124", "it did not end within 1860 s"],
        ["login; exit 3", "status 3, and it said nothing"],
    ])("after %s", async (bash, why) => {
        // It answers when it is looked at, and no longer after that.
        answer(EAST_3);
        const file = readFileSync(join(ssh.temporary, "..", "hosts", EAST_3), "utf8");
        ssh.host(
            EAST_3,
            `if grep -q 'stop' '${ssh.temporary}/steps' 2>/dev/null; then ${bash}; else\n${file}\nfi`,
        );
        const { code, stdout } = await restore([...EAST, "--yes"]);
        expect(code).toBe(1);
        expect(stdout).toContain(
            `<red>✖ stop on east-3 has failed</>\n    ${why}\nNot begun: stop on east-1,`,
        );
        expect(changes()).toEqual([`stop ${EAST_2}`]);
    });
});

describe("nothing is changed", () => {
    afterEach(() => {
        expect(changes()).toEqual([]);
    });

    it("where another name is typed", async () => {
        for (const typed of ["west", "", "y"]) {
            expect(await restore(EAST, { typed })).toMatchObject({
                code: 1,
                stderr: "that is not its name: nothing was changed\n",
            });
        }
    });

    it("where a server does not answer, or has not what it needs", async () => {
        answer(EAST_1, {
            look: "echo 'east-1: there is no snapshot before here. There are: none' >&2; exit 1",
        });
        ssh.host(EAST_3, "refuse No route to host");
        expect(await restore([...EAST, "--yes"])).toEqual({
            code: 1,
            stdout: "",
            stderr: `✖ east-1
    east-1: there is no snapshot before here. There are: none
✖ east-3
    it cannot be reached: No route to host
Nothing was changed. A server that is gone for good is described with lost: true.
`,
        });
    });
});

describe("no host is asked", () => {
    afterEach(() => {
        expect(ssh.calls).toEqual([]);
    });

    it.each([
        [[], "no stack is named"],
        [["dev"], "no cluster is named"],
        [["dev", "east"], "no snapshot is named: --list shows which there are"],
        [["dev", "east", "west", "--list"], "more than a stack and a cluster is named: west"],
        [[...EAST, "--list"], "--list goes with no other option"],
        [["dev", "north", "--list"], "dev describes no cluster north; there are: east, west"],
        [
            [...EAST, "--on", "east-4"],
            "--on east-4: east has no such server; there are: east-1, east-2, east-3",
        ],
        [[...EAST, "--from-s3"], "--from-s3: east describes no rke2.snapshots.s3"],
        [
            ["dev", "east", "--snapshot", "a/b"],
            "--snapshot a/b: must be a name that --list shows, or an absolute path",
        ],
        [
            ["dev", "east", "--from-s3", "--snapshot", "/a/b"],
            "--snapshot /a/b: in a bucket a snapshot has a name, without a folder",
        ],
    ])("for %j", async (args, message) => {
        const { code, stdout, stderr } = await restore(args, { typed: "east" });
        expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
        expect(stderr).toBe(`${message}\n\n${usage()}\n`);
    });

    it.each([[[...EAST, "--force"]], [["dev", "east", "--snapshot"]], [["--help"]]])(
        "for %j, which node refuses in its own words",
        async (args) => {
            const { code, stderr } = await restore(args, { typed: "east" });
            expect(code).toBe(1);
            expect(stderr).toMatch(/^(Unknown option|Option) '--/);
            expect(stderr).toContain(usage());
        },
    );

    it("where the named server is lost, or all are", async () => {
        const description = mesh();
        description.clusters.east.servers["east-3"] = { address: EAST_3, lost: true };
        const { stderr } = await restore([...EAST, "--on", "east-3", "--yes"], { description });
        expect(stderr).toContain("--on east-3: it is described as lost; there are: east-1, east-2\n");
    });

    it("without a terminal, unless --yes is given", async () => {
        expect(await restore(EAST)).toEqual({
            code: 1,
            stdout: "",
            stderr: "there is no terminal to ask on, and a restore takes back what the cluster has stored since: add --yes if that is meant\n",
        });
    });

    it("where there is no ssh", async () => {
        vi.stubEnv("PATH", "/nowhere");
        expect((await restore(EAST, { typed: "east" })).stderr).toBe(
            "the ssh command is not on the PATH: install OpenSSH's client\n",
        );
    });
});

function usage(): string {
    return `Usage: npm run restore -- STACK CLUSTER --snapshot NAME [--on SERVER] [--from-s3] [--anew] [--yes]
       npm run restore -- STACK CLUSTER --list

Brings a cluster back to a snapshot of its etcd, on all of its servers, and shows each step before it is done.

  STACK            the environment: a module in stacks/
  CLUSTER          the cluster that is brought back
  --snapshot NAME  the snapshot: a name that --list shows, or the absolute path of a file on the server
  --on SERVER      the server that has it, and that the others join (default: the first described)
  --from-s3        the snapshot is in the bucket that the description names
  --anew           begin anew where an earlier run of the same restore ended half-way
  --yes            do not ask
  --list           only show which snapshots the servers have`;
}
