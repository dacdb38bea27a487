/*
 * components/rke2/scripts/node.sh with another generation of the token or of the certificates, and on a host that it is told
 * has been a node. Not shown: that the commands of RKE2 do what the fake ones do.
 */
import { afterAll, afterEach, beforeEach, describe, expect, test } from "vitest";

import { interrupt } from "./interruptions.ts";
import { KnownRuns } from "./known-runs.ts";
import { Machine, type Fault, type Run } from "./machine.ts";
import { AGENT, CONFIG_FILE, FIRST, SCRIPT, SERVER, TOKEN } from "./node-fixture.ts";

const NEW = "a9b8c7d6e5f4";
const TOKEN_FILE = "/etc/rancher/rke2/token";
const CLUSTERS_TOKEN = "/var/lib/rancher/rke2/server/token";
/** Who begins the cluster, as the program tells it. */
const BEGINNER = { ...FIRST, FIRST: "yes", PEERS: "" };
const NODES = [
    ["the first server", BEGINNER],
    ["another server", SERVER],
    ["an agent", AGENT],
] as const;

/** RKE2's own commands, with the service as systemd has it. A server keeps the cluster's token behind a hash of its CA. */
const RKE2 = `#!/bin/bash
. "$FAKES/fake.sh"
token=$ROOT${CLUSTERS_TOKEN}
case "$1 \${2:-}" in
    "--version ") echo "rke2 version v1.35.7+rke2r1 (0123456789abcdef)" ;;
    "token rotate")
        [ "$(cat "$token")" = "K10abc::server:$RKE2_TOKEN" ] || { echo "the token $4 is refused" >&2; exit 1; }
        echo "K10abc::server:$4" >"$token"
        ;;
    "certificate rotate")
        ! grep -qs ^active "$WORLD"/units/*/state || { echo "RKE2 is running" >&2; exit 1; }
        echo again >>"$WORLD/certificates"
        ;;
    *) echo "unexpected: $*" >&2; exit 64 ;;
esac
`;

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

const runs = new KnownRuns();
afterAll(() => runs.dispose());

function up(variables: Readonly<Record<string, string>>, on = machine): Promise<Run> {
    return runs.run(on, SCRIPT, variables);
}

/** Machines that have become nodes: making one takes longer than most of what is tried on it. */
const MADE = new Map<Readonly<Record<string, string>>, Machine>();
afterAll(() => {
    for (const made of MADE.values()) made.dispose();
});

/** Makes the machine a node, of a cluster with the first token. */
async function madeNode(node: Readonly<Record<string, string>>): Promise<void> {
    let made = MADE.get(node);
    if (made === undefined) {
        made = new Machine();
        MADE.set(node, made);
        expect(await up(node, made)).toMatchObject({ code: 0, stderr: "" });
        made.file("/usr/local/bin/rke2", RKE2, 0o755);
        if (node["ROLE"] === "server") made.file(CLUSTERS_TOKEN, `K10abc::server:${TOKEN}\n`);
    }
    machine.dispose();
    machine = made.copy();
}

/** What goes wrong at a call: what only looks is as good as not called where the machine is lost. */
function kinds(call: string): readonly Fault["kind"][] {
    return deeds({ calls: [call] }).length === 0 ? ["before"] : ["fail", "before", "after"];
}

/** What a run did to RKE2 and its service. */
function deeds({ calls }: Pick<Run, "calls">): string[] {
    return calls.filter((call) =>
        /^(rke2 (?!--version)|systemctl (start|stop|restart)|install\.sh)/.test(call),
    );
}

function generations(on = machine) {
    return {
        token: on.read("/etc/rancher/rke2/token.generation"),
        certificates: on.read("/etc/rancher/rke2/certificates.generation"),
    };
}

describe("a new node", () => {
    test.each([NODES[0], NODES[2]])("begins with whatever generation there is: %s", async (_, node) => {
        const later = { ...node, TOKEN_GENERATION: "3", CERTIFICATE_GENERATION: "2" };
        const run = await up(later);
        expect(run).toMatchObject({ code: 0, stderr: "" });
        expect(deeds(run)).toEqual(["install.sh ", `systemctl start --no-block rke2-${node.ROLE}`]);
        expect(generations()).toEqual({ token: "3\n", certificates: "2\n" });
        expect(deeds(await up(later))).toEqual([]);
    });

    test("that was made before there were generations is of the first", async () => {
        await madeNode(BEGINNER);
        for (const name of ["token", "certificates"]) machine.remove(`/etc/rancher/rke2/${name}.generation`);
        expect(deeds(await up(BEGINNER))).toEqual([]);
        expect((await up({ ...BEGINNER, TOKEN: NEW })).code).toBe(1);
    });
});

describe("another token of a later generation", () => {
    const ROTATE = `rke2 token rotate --new-token ${NEW}`;
    const later = <Node extends typeof SERVER>(node: Node) => ({
        ...node,
        TOKEN: NEW,
        TOKEN_GENERATION: "2",
    });

    test("is told to the cluster by the first server, once, and not to anyone who reads along", async () => {
        await madeNode(BEGINNER);
        const run = await up(later(BEGINNER));
        expect(run).toMatchObject({
            code: 0,
            stdout: "the cluster has a new token\neast-1 is a node\n",
            stderr: "",
        });
        expect(deeds(run)).toEqual([ROTATE, "systemctl restart --no-block rke2-server"]);
        expect(machine.read(CLUSTERS_TOKEN)).toBe(`K10abc::server:${NEW}\n`);
        expect(machine.read(TOKEN_FILE)).toBe(`${NEW}\n`);
        expect(machine.mode(TOKEN_FILE)).toBe("600");
        expect(generations()).toEqual({ token: "2\n", certificates: "1\n" });

        const before = machine.snapshot();
        expect(deeds(await up(later(BEGINNER)))).toEqual([]);
        expect(machine.snapshot()).toEqual(before);
    });

    test.each(NODES.slice(1))("is taken over by %s, which restarts once", async (_, node) => {
        await madeNode(node);
        const run = await up(later(node));
        expect(run).toMatchObject({ code: 0, stdout: `${node.NODE_NAME} is a node\n`, stderr: "" });
        expect(deeds(run)).toEqual([`systemctl restart --no-block rke2-${node.ROLE}`]);
        expect(machine.read(TOKEN_FILE)).toBe(`${NEW}\n`);
        expect(generations()).toEqual({ token: "2\n", certificates: "1\n" });
        expect(deeds(await up(later(node)))).toEqual([]);
    });

    test("is not told again by a server that becomes the first one", async () => {
        await madeNode(SERVER);
        machine.file(CLUSTERS_TOKEN, `K10abc::server:${NEW}\n`);
        const run = await up({ ...later(SERVER), FIRST: "yes" });
        expect(deeds(run)).toEqual(["systemctl restart --no-block rke2-server"]);
        expect(generations().token).toBe("2\n");
    });

    test("that RKE2 refuses stays the next one: nothing is noted, and no token is printed", async () => {
        await madeNode(BEGINNER);
        machine.file(CLUSTERS_TOKEN, "K10abc::server:a third one\n");
        const run = await up(later(BEGINNER));
        expect(run).toMatchObject({
            code: 1,
            stdout: "",
            stderr: "east-1: rke2 token rotate has failed: see journalctl -u rke2-server on this host\n",
        });
        expect(deeds(run)).toEqual([ROTATE]);
        expect(machine.read(TOKEN_FILE)).toBe(`${TOKEN}\n`);
        expect(generations().token).toBe("1\n");

        machine.file(CLUSTERS_TOKEN, `K10abc::server:${TOKEN}\n`);
        expect(await up(later(BEGINNER))).toMatchObject({ code: 0 });
        expect(generations().token).toBe("2\n");
    });

    test("reaches cluster and node however the run is interrupted, and is told once", async () => {
        await madeNode(BEGINNER);
        const { whole, interrupted } = await interrupt(machine, {
            run: (on, how) => on.run(SCRIPT, later(BEGINNER), how),
            kinds,
            look: (on) => on.snapshot(),
            next: async (on) => ({ run: await up(later(BEGINNER), on), is: on.snapshot() }),
        });
        expect(interrupted.length).toBeGreaterThan(15);
        for (const { fault, first, after } of interrupted) {
            expect({ fault, code: after.run.code, stderr: after.run.stderr }).toEqual({
                fault,
                code: 0,
                stderr: "",
            });
            expect({ fault, is: after.is }).toEqual({ fault, is: whole });
            // Another time only if the call itself was lost before it did anything.
            const told = [...first.calls, ...after.run.calls].filter((call) => call === ROTATE).length;
            const lost = first.calls[fault.at - 1] === ROTATE && fault.kind !== "after";
            expect({ fault, told }).toEqual({ fault, told: lost ? 2 : 1 });
        }
    });

    test("is refused without a later generation, or with an older one", async () => {
        await madeNode(BEGINNER);
        machine.file("/etc/rancher/rke2/token.generation", "2\n", 0o600);
        for (const generation of ["2", "1"]) {
            const run = await up({ ...BEGINNER, TOKEN: NEW, TOKEN_GENERATION: generation });
            expect(run.code).toBe(1);
            expect(run.stderr).toContain("this host is a node of a cluster with another token");
            expect(deeds(run)).toEqual([]);
        }
        expect(machine.read(TOKEN_FILE)).toBe(`${TOKEN}\n`);
    });
});

describe("a later generation of certificates", () => {
    const later = <Node extends typeof SERVER>(node: Node) => ({ ...node, CERTIFICATE_GENERATION: "2" });
    const deedsOf = (role: string) => [
        `systemctl stop rke2-${role}`,
        "rke2 certificate rotate",
        `systemctl start --no-block rke2-${role}`,
    ];

    test.each([NODES[0], NODES[2]])(
        "makes those of %s anew, once, while RKE2 does not run",
        async (_, node) => {
            await madeNode(node);
            const run = await up(later(node));
            expect(run).toMatchObject({
                code: 0,
                stdout: `RKE2 has made this node's certificates anew\n${node.NODE_NAME} is a node\n`,
                stderr: "",
            });
            expect(deeds(run)).toEqual(deedsOf(node.ROLE));
            expect(machine.service(`rke2-${node.ROLE}`).state).toBe("active");
            expect(generations()).toEqual({ token: "1\n", certificates: "2\n" });

            const before = machine.snapshot();
            expect(deeds(await up(later(node)))).toEqual([]);
            expect(deeds(await up(node))).toEqual([]);
            expect(machine.snapshot()).toEqual(before);
        },
    );

    test("ends once a node that was Ready is so again", async () => {
        await madeNode(AGENT);
        const healthy = "v1.35.7+rke2r1 MemoryPressure=False ";
        machine.world("answers/get node east-4", `${healthy}Ready=True\n${healthy}Ready=False\n`);
        const { code, stderr } = await up({ ...later(AGENT), SECONDS_MAX: "5" });
        expect(code).toBe(1);
        expect(stderr).toMatch(
            /^east-4: gave up after 5 s: the node was Ready before, and is not yet again\. /,
        );
        machine.world("answers/get node east-4", `${healthy}Ready=False\n${healthy}Ready=True\n`);
        expect(await up(later(AGENT))).toMatchObject({ code: 0 });
        expect(deeds(await up(later(AGENT)))).toEqual([]);
    });

    test("that RKE2 cannot make says why, and is made by the next run", async () => {
        await madeNode(BEGINNER);
        machine.file(
            "/usr/local/bin/rke2",
            RKE2.replace("! grep", "echo first >&2; echo no space left >&2; exit 1; ! grep"),
            0o755,
        );
        expect(await up(later(BEGINNER))).toMatchObject({
            code: 1,
            stderr: "east-1: rke2 certificate rotate has failed: no space left\n",
        });
        expect(generations().certificates).toBe("1\n");
        machine.file("/usr/local/bin/rke2", RKE2, 0o755);
        const run = await up(later(BEGINNER));
        expect(run.code).toBe(0);
        expect(deeds(run)).toEqual(deedsOf("server"));
    });

    test("is there, and RKE2 runs, however the run is interrupted", async () => {
        await madeNode(AGENT);
        const { whole, interrupted } = await interrupt(machine, {
            run: (on, how) => on.run(SCRIPT, later(AGENT), how),
            kinds,
            look: (on) => on.snapshot(),
            next: async (on) => ({ run: await up(later(AGENT), on), is: on.snapshot() }),
        });
        expect(interrupted.length).toBeGreaterThan(15);
        for (const { fault, after } of interrupted) {
            expect({ fault, code: after.run.code, stderr: after.run.stderr }).toEqual({
                fault,
                code: 0,
                stderr: "",
            });
            expect({ fault, is: after.is }).toEqual({ fault, is: whole });
        }
    });
});

test("token and certificates of later generations come with one start, the token first", async () => {
    await madeNode(BEGINNER);
    const both = { ...BEGINNER, TOKEN: NEW, TOKEN_GENERATION: "2", CERTIFICATE_GENERATION: "2" };
    expect(deeds(await up(both))).toEqual([
        `rke2 token rotate --new-token ${NEW}`,
        "systemctl stop rke2-server",
        "rke2 certificate rotate",
        "systemctl start --no-block rke2-server",
    ]);
    expect(generations()).toEqual({ token: "2\n", certificates: "2\n" });
    expect(deeds(await up(both))).toEqual([]);
});

describe("a first server that is told that it has been one", () => {
    const again = (variables: Readonly<Record<string, string>>) =>
        machine.run(SCRIPT, variables, { args: ["again"] });
    const WITH_PEERS = { ...BEGINNER, PEERS: FIRST.PEERS };

    test("goes on as ever while it has its data, and asks no one", async () => {
        await madeNode(WITH_PEERS);
        const run = await again(WITH_PEERS);
        expect(run).toMatchObject({ code: 0, stdout: "east-1 is a node\n" });
        expect(deeds(run)).toEqual([]);
        expect(run.calls.filter((call) => call.startsWith("curl"))).toEqual([]);
    });

    test("and has lost its data joins the cluster that others keep", async () => {
        machine.world("answering", "https://[fd00::3]:9345/ping\n");
        expect(await again(WITH_PEERS)).toMatchObject({ code: 0, stderr: "" });
        expect(machine.read(CONFIG_FILE)).toBe(`${FIRST.CONFIG}server: "https://[fd00::3]:9345"\n`);
    });

    test.each([
        ["the others are silent", WITH_PEERS],
        ["there are no others", BEGINNER],
    ])("and has lost its data does not begin a second cluster: %s", async (_, node) => {
        const run = await again(node);
        expect(run).toMatchObject({
            code: 1,
            stdout: "",
            stderr: "east-1: this server has been a member of its cluster and has lost its data, and no other server answers: it would begin a second cluster. Start the other servers, or bring the cluster back from a snapshot: npm run restore\n",
        });
        expect(deeds(run)).toEqual([]);
        expect(machine.read(CONFIG_FILE)).toBeUndefined();
        expect(machine.read(TOKEN_FILE)).toBeUndefined();
    });
});

test("another server that has lost its data joins again, told so or not", async () => {
    expect(await machine.run(SCRIPT, SERVER, { args: ["again"] })).toMatchObject({ code: 0, stderr: "" });
    expect(machine.read(CONFIG_FILE)?.split("\n").sort()).toEqual(SERVER.CONFIG.split("\n").sort());
});
