import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { clockFindings } from "../../ops/preflight-clock.ts";
import { main } from "../../ops/preflight.ts";
import { twoClusters, type TwoClusters } from "../support/mesh.ts";
import { FakeSsh, NOW_MS } from "./ssh/fake-ssh.ts";

const EAST_1 = "192.168.10.11";
const EAST_2 = "192.168.10.12";
const WEST_1 = "192.168.20.11";
const WEST_2 = "192.168.20.12";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nTHE KEY ITSELF\n-----END OPENSSH PRIVATE KEY-----\n";

/** A host with nothing wrong: its clock, then what the checks print. */
const GOOD = `login; printf 'info\\ttime\\t${NOW_MS / 1000}.000000000\\ninfo\\tmtu\\teth0\\t1500\\n'`;

const SWAP = ["swap is on: /dev/sda2", "no swap", "swapoff -a, and take it out of /etc/fstab"];

function finding(severity: string, name: string, texts: readonly string[]): string {
    return `; printf '%s\\t%s\\t%s\\t%s\\t%s\\n' ${severity} ${name} ${texts.map((text) => `'${text}'`).join(" ")}`;
}

let ssh: FakeSsh;

beforeEach(() => {
    ssh = new FakeSsh();
    vi.stubEnv("PATH", ssh.path);
    vi.stubEnv("TMPDIR", ssh.temporary);
    vi.spyOn(Date, "now").mockReturnValue(NOW_MS);
    configure({ "multicluster:sshPrivateKey": { value: KEY, secret: true } });
    for (const host of [EAST_1, EAST_2, WEST_1, WEST_2]) ssh.host(host, GOOD);
});

afterEach(() => {
    vi.restoreAllMocks();
    vi.unstubAllEnvs();
    ssh.remove();
});

/** What `pulumi config` prints. */
function configure(config: unknown): void {
    writeFileSync(join(ssh.temporary, "config.json"), JSON.stringify(config));
    ssh.command(
        "pulumi",
        `[ "$*" = "config --json --show-secrets --stack dev" ] && cat '${ssh.temporary}/config.json'`,
    );
}

function mesh(): TwoClusters {
    return { ...twoClusters(), ssh: { user: "ops", auth: { privateKey: fromConfig("sshPrivateKey") } } };
}

async function preflight(args: readonly string[], description: unknown = mesh()) {
    const output = { stdout: "", stderr: "" };
    const code = await main(args, {
        env: process.env,
        loadStack: () => Promise.resolve(description),
        stdout: { write: (text) => (output.stdout += text) },
        stderr: { write: (text) => (output.stderr += text) },
        paint: (style, text) => (style === "bold" || style === "dim" ? text : `<${style}>${text}</>`),
    });
    return { code, ...output };
}

describe("npm run preflight", () => {
    it("shows the hosts that are ready", async () => {
        expect(await preflight(["dev"])).toEqual({
            code: 0,
            stderr: "",
            stdout: `dev: 4 hosts in 2 clusters

CLUSTER  HOST    ROLE    ADDRESS        RESULT
east     east-1  server  192.168.10.11  <green>ready</>
east     east-2  agent   192.168.10.12  <green>ready</>
west     west-1  server  192.168.20.11  <green>ready</>
west     west-2  agent   192.168.20.12  <green>ready</>

<green>4 hosts ready; nothing was changed</>
`,
        });
    });

    it("asks each host with a script of its own, as root", async () => {
        await preflight(["dev"]);
        expect(ssh.input(WEST_2)).toContain("\nNODE_NAME='west-2'\n");
        expect(ssh.config(WEST_2)).toContain(
            "\nRemoteCommand sudo -n timeout -k 10 120 bash -euo pipefail -s\n",
        );
    });

    it("asks only the hosts of the clusters that are named", async () => {
        const { stdout } = await preflight(["dev", "west"]);
        expect(stdout).toContain("dev: 2 hosts in 1 cluster\n");
        expect(stdout).not.toContain("east");
        expect(ssh.calls).toHaveLength(2);
    });

    it("tells everything that all hosts lack together, each thing once", async () => {
        const kernel = ["5.4.0", "5.10 or later, for Cilium 1.19", "install a later kernel"];
        ssh.host(EAST_1, GOOD + finding("warned", "swap", SWAP));
        ssh.host(EAST_2, GOOD + finding("refused", "kernel", kernel));
        ssh.host(
            WEST_1,
            `${GOOD}${finding("refused", "kernel", ["4.18.0", ...kernel.slice(1)])}${finding("warned", "swap", SWAP)}; exit 1`,
        );
        expect(await preflight(["dev"])).toEqual({
            code: 1,
            stderr: "",
            stdout: `dev: 4 hosts in 2 clusters

CLUSTER  HOST    ROLE    ADDRESS        RESULT
east     east-1  server  192.168.10.11  <yellow>1 warned</>
east     east-2  agent   192.168.10.12  <red>1 refused</>
west     west-1  server  192.168.20.11  <red>1 refused</>, <yellow>1 warned</>
west     west-2  agent   192.168.20.12  <green>ready</>

<red>✖ kernel</> on east-2, west-1
    found on east-2: 5.4.0
    found on west-1: 4.18.0
    needed: 5.10 or later, for Cilium 1.19
    fix: install a later kernel

<yellow>⚠ swap</> on east-1, west-1
    found: swap is on: /dev/sda2
    needed: no swap
    fix: swapoff -a, and take it out of /etc/fstab

<red>2 of 4 hosts refused; nothing was changed</>
`,
        });
    });

    it("tells which hosts cannot be asked, and why", async () => {
        ssh.host(EAST_1, `refuse "ssh: connect to host ${EAST_1} port 22: Connection timed out"`);
        ssh.host(EAST_2, `refuse "ops@${EAST_2}: Permission denied (publickey)."`);
        ssh.host(WEST_1, "login; echo 'sudo: a password is required' >&2; exit 1");
        ssh.host(WEST_2, 'refuse "Host key verification failed."');
        expect(await preflight(["dev"])).toEqual({
            code: 1,
            stderr: "",
            stdout: `dev: 4 hosts in 2 clusters

CLUSTER  HOST    ROLE    ADDRESS        RESULT
east     east-1  server  192.168.10.11  <red>not checked</>, <red>1 refused</>
east     east-2  agent   192.168.10.12  <red>not checked</>, <red>1 refused</>
west     west-1  server  192.168.20.11  <red>not checked</>, <red>1 refused</>
west     west-2  agent   192.168.20.12  <red>not checked</>, <red>1 refused</>

<red>✖ ssh</> on east-1
    found: ssh: connect to host 192.168.10.11 port 22: Connection timed out
    needed: a login as ops@192.168.10.11:22
    fix: turn the host on, and let this machine through to it: routes, firewalls, ssh.jumpHost

<red>✖ ssh</> on east-2
    found: ops@192.168.10.12: Permission denied (publickey).
    needed: a login as ops@192.168.10.12:22
    fix: put the public key into the authorized_keys of ops there

<red>✖ sudo</> on west-1
    found: sudo: a password is required
    needed: sudo without a password for ops
    fix: write 'ops ALL=(ALL) NOPASSWD: ALL' to /etc/sudoers.d/ops there, or log in as root

<red>✖ ssh</> on west-2
    found: Host key verification failed.
    needed: a login as ops@192.168.20.12:22
    fix: find out why the key is another one: if the machine was made anew, set its ssh.hostKey to the line of ssh-keyscan -t ed25519, after comparing it on the machine

<red>4 of 4 hosts refused; nothing was changed</>
`,
        });
    });

    it("compares clocks and MTUs", async () => {
        const at = (seconds: number) =>
            `login; printf 'info\\ttime\\t${NOW_MS / 1000 + seconds}.500000000\\ninfo\\tmtu\\teth0\\t%s\\n'`;
        ssh.host(EAST_1, `${at(1)} 9000`);
        ssh.host(EAST_2, `${at(-8)} 1500`);
        ssh.host(WEST_1, `${at(0)} 1400`);
        ssh.host(WEST_2, `${at(-1)} 1400`);
        const { code, stdout } = await preflight(["dev"]);
        expect(code).toBe(1);
        expect(stdout.split("\n\n").slice(2)).toEqual([
            `<red>✖ clock</> on east-2
    found: 7.5 s behind this machine
    needed: at most 1 s, and no more than 5 s: etcd's leases and TLS certificates go by it
    fix: turn on time synchronisation (timedatectl set-ntp true, or chronyc makestep), here too if this machine is the one that is wrong`,
            `<red>✖ mtu</> on east-2
    found: 1500 on eth0
    needed: 9000, as on east-1: on one network the larger packets get lost without a word
    fix: give all nodes of a cluster the same MTU, in the configuration of the link that stays`,
            `<yellow>⚠ clock</> on east-1
    found: 1.5 s ahead of this machine
    needed: at most 1 s, and no more than 5 s: etcd's leases and TLS certificates go by it
    fix: turn on time synchronisation (timedatectl set-ntp true, or chronyc makestep), here too if this machine is the one that is wrong`,
            "<red>1 of 4 hosts refused; nothing was changed</>\n",
        ]);
    });

    it("is stopped by nothing that the description ignores, and does not ask a host that is lost", async () => {
        const description = mesh();
        description.rke2.host = { ignore: ["swap", "mtu"] };
        description.clusters.west.agents = {
            "west-2": { ...description.clusters.west.agents?.["west-2"], address: WEST_2, lost: true },
        };
        ssh.host(EAST_1, `${GOOD}${finding("refused", "swap", SWAP)}; exit 1`);
        const { code, stdout } = await preflight(["dev"], description);
        expect(code).toBe(0);
        expect(stdout).toContain("<yellow>⚠ swap</> on east-1\n");
        expect(stdout).toContain("west-2  agent   192.168.20.12  lost, not asked\n");
        expect(stdout).toContain("3 hosts ready; nothing was changed");
        expect(ssh.calls).toHaveLength(3);
        ssh.host(WEST_1, "refuse Connection refused");
        expect((await preflight(["dev"], description)).code).toBe(1);
    });

    it("does not ask a cluster that is lost", async () => {
        const description = mesh();
        description.clusters.west.lost = true;
        const { code, stdout } = await preflight(["dev"], description);
        expect(code).toBe(0);
        expect(stdout).toContain("lost, not asked\n");
        expect(stdout).toContain("2 hosts ready; nothing was changed");
        expect(ssh.calls).toHaveLength(2);
    });

    it("takes no host for ready whose checks did not come to their end", async () => {
        ssh.host(EAST_1, `${GOOD}; echo 'bash: line 7: timeout: command not found' >&2; exit 127`);
        ssh.host(EAST_2, `${GOOD}; exit 124`);
        const { code, stdout } = await preflight(["dev", "east"]);
        expect(code).toBe(1);
        expect(stdout).toContain("    found: status 127: bash: line 7: timeout: command not found");
        expect(stdout).toContain("    found: they did not end within 120 s");
    });

    it("keeps the key out of everything but ssh", async () => {
        ssh.host(EAST_1, "refuse Permission denied");
        const { stdout, stderr } = await preflight(["dev"]);
        expect(stdout + stderr + ssh.calls.join("\n") + ssh.config(EAST_2)).not.toContain("THE KEY ITSELF");
    });
});

describe("nothing is asked of any host", () => {
    afterEach(() => {
        expect(ssh.calls).toEqual([]);
    });

    it.each([[[]], [["--help"]], [["dev", "-v"]]])("for %j, and the usage is shown", async (args) => {
        const { code, stderr } = await preflight(args);
        expect(code).toBe(1);
        expect(stderr).toMatch(/^Usage: npm run preflight -- STACK \[CLUSTER\.\.\.\]\n/);
    });

    it("where a cluster is not described", async () => {
        expect(await preflight(["dev", "north", "east"])).toEqual({
            code: 1,
            stdout: "",
            stderr: "dev describes no cluster north; there are: east, west\n",
        });
    });

    it("where there is no ssh", async () => {
        vi.stubEnv("PATH", "/nowhere");
        expect((await preflight(["dev"])).stderr).toBe(
            "the ssh command is not on the PATH: install OpenSSH's client\n",
        );
    });

    it("where the description is wrong", async () => {
        const description = mesh();
        description.clusters.east.id = 0;
        configure({});
        expect((await preflight(["dev"], description)).stderr).toMatch(
            /^dev: 2 problems\n✖ clusters\.east\.id = 0\n[\s\S]*✖ clusters\.east\.ssh\.auth\.privateKey = sshPrivateKey\n/,
        );
    });
});

describe("a host's clock", () => {
    // It is printed at some time between the login and the arrival of the line.
    const found = (printed: string, arrived: number) =>
        clockFindings([
            { text: "Welcome!\n", notBefore: 1_000_000, notAfter: 1_000_000 },
            {
                text: `info\ttime\t${printed}\nrefused\t`,
                notBefore: 1_000_000,
                notAfter: 1_000_000 + arrived,
            },
        ]).map(({ severity, found }) => [severity, found]);

    it("is not wrong where the network may be slow", () => {
        expect(found("1003.000000000", 8_000)).toEqual([]);
        expect(found("1008.900000000", 8_000)).toEqual([]);
        expect(found("999.100000000", 8_000)).toEqual([]);
        // Without fractions it may be nearly a second later.
        expect(found("998", 0)).toEqual([]);
    });

    it("is wrong by what no delay explains", () => {
        expect(found("1009.100000000", 8_000)).toEqual([["warned", "1.1 s ahead of this machine"]]);
        expect(found("994.900000000", 8_000)).toEqual([["refused", "5.1 s behind this machine"]]);
        expect(found("1005.000000000", 0)).toEqual([["warned", "5.0 s ahead of this machine"]]);
        expect(found("997", 0)).toEqual([["warned", "2.0 s behind this machine"]]);
    });

    it("is not judged where it is not told", () => {
        expect(clockFindings([])).toEqual([]);
    });
});
