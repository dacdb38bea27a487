/*
 * components/rke2/scripts/preflight.sh: whom it reaches. Answers of the network are fakes, but for one test that asks real ports
 * of this machine. Not shown: what firewalls answer.
 */
import { createServer, type Server } from "node:net";

import { afterEach, expect, test } from "vitest";

import { findings, PreflightHost, type Difference } from "./preflight-fixture.ts";

const REJECTED = "connect: No route to host";
const LOST = "";

const GONE: Difference = {
    says: {
        "tcp 10.0.0.2 9345": LOST,
        "udp 10.0.0.2 8472": LOST,
        "tcp 10.0.0.2 22": "connect: Network is unreachable",
        "ping -n -q -c 2 -i 0.3 -W 1 10.0.0.2": "",
    },
    codes: { "ping -n -q -c 2 -i 0.3 -W 1 10.0.0.2": 1 },
};

const NO_ANSWER = [
    "peers",
    "no answer from east-2 (10.0.0.2)",
    "that every node reaches every other",
    "see that these hosts run, and which routes and firewalls are between them and this one",
];

test.each<[string, Difference]>([
    ["where nothing listens yet", {}],
    ["where something does", { says: { "tcp 10.0.0.2 9345": "open", "udp 10.0.0.2 8472": LOST } }],
    [
        "where only the tunnel is asked for, and takes packets without a word",
        { variables: { PEERS: "east-2 10.0.0.2 8472/udp" }, says: { "udp 10.0.0.2 8472": LOST } },
    ],
    ["when there are none", { variables: { PEERS: "" } }],
])("peers are well %s", async (_, difference) => {
    expect(await findings("peers", difference)).toEqual([]);
});

test("a peer that answers nothing is refused, and warned of on a node that runs already", async () => {
    expect(await findings("peers", GONE)).toEqual([["refused", ...NO_ANSWER]]);
    const files = {
        "/etc/rancher/rke2/config.yaml": 'node-name: "east-1"\n',
        "/etc/rancher/rke2/config.yaml.started": "",
    };
    expect(await findings("peers", GONE, { files })).toEqual([["warned", ...NO_ANSWER]]);
});

test("a peer is there if it can only be pinged, and its ports are told", async () => {
    const dropped = { "tcp 10.0.0.2 9345": LOST, "tcp 10.0.0.2 22": LOST, "tcp fd00::3 10250": LOST };
    expect(await findings("peers", { says: { ...dropped, "udp 10.0.0.2 8472": LOST } })).toEqual([
        [
            "refused",
            "peer-ports",
            "no answer at 9345/tcp of east-2 (10.0.0.2), 10250/tcp of east-3 (fd00::3)",
            "these ports, open between nodes",
            "open them in the firewall that drops them, on those hosts or on the way",
        ],
    ]);
});

test("what firewalld rejects is refused only where it stays as it is", async () => {
    const rejects = { says: { "tcp 10.0.0.2 9345": REJECTED, "udp 10.0.0.2 8472": REJECTED } };
    const found = "rejected: 9345/tcp of east-2 (10.0.0.2), 8472/udp of east-2 (10.0.0.2)";
    expect(await findings("peers", rejects)).toEqual([
        [
            "warned",
            "peer-ports",
            found,
            "these ports, open between nodes",
            "if it is not firewalld on those hosts, which this program sees to, open them in the firewall that it is",
        ],
    ]);
    expect(await findings("peers", rejects, { variables: { FIREWALLD: "leave" } })).toEqual([
        [
            "refused",
            "peer-ports",
            found,
            "these ports, open between nodes",
            "open them in the firewall that rejects them, on those hosts or on the way",
        ],
    ]);
});

test("a way that is too narrow for full packets is told", async () => {
    const full = "ping -n -q -c 2 -i 0.3 -W 1 -M do -s 1472 10.0.0.2";
    expect(await findings("peers", { says: { [full]: "" }, codes: { [full]: 1 } })).toEqual([
        [
            "warned",
            "path-mtu",
            "too large for the way: 1500 bytes to east-2 (10.0.0.2)",
            "that what the link carries arrives whole, or connections hang",
            "set one MTU on all hosts and switches of the network, or a lower one on this host",
        ],
    ]);
    // A ping that does not know the option says nothing about the way.
    expect(await findings("peers", { says: { [full]: "" }, codes: { [full]: 2 } })).toEqual([]);
});

test.each<[string, Difference, string[]]>([
    [
        "a name that nobody knows",
        {
            says: {
                "tcp api.east.example.net 9345": "api.east.example.net: Name or service not known",
                "tcp api.east.example.net 6443": "api.east.example.net: Temporary failure in name resolution",
            },
        },
        [
            "api.east.example.net does not resolve",
            "a name that every node can look up",
            "correct apiAddress, or add the name to the DNS or to /etc/hosts",
        ],
    ],
    [
        "a balancer that does not answer",
        { says: { "tcp api.east.example.net 9345": LOST, "tcp api.east.example.net 6443": REJECTED } },
        [
            "no answer at api.east.example.net from 9345/tcp, 6443/tcp",
            "that nodes can register at apiAddress",
            "see that what holds the address runs; if it answers only once a server does, add registration to rke2.host.ignore",
        ],
    ],
])("%s is refused as registration address", async (_, difference, words) => {
    expect(await findings("registration", difference)).toEqual([["refused", "registration", ...words]]);
});

test("more peers than are asked at once, in a list longer than a pipe holds, are all asked", async () => {
    // What comes after the first hundred does not fit, and whoever hands it out is still at it when they are waited for.
    const peers = Array.from(
        { length: 101 },
        (_, index) => `${"n".repeat(index === 100 ? 70_000 : 1)} 10.1.0.${index}`,
    );
    const host = new PreflightHost({
        variables: { PEERS: peers.join("\n"), ONLY: "peers" },
        lacks: ["ping", "ip"],
    });
    const { code, calls } = await host.run();
    expect(code).toBe(0);
    expect(calls.toSorted()).toEqual(peers.map((_, index) => `tcp 10.1.0.${index} 22`).toSorted());
    host.dispose();
});

let server: Server | undefined;
afterEach(() => {
    server?.close();
    server = undefined;
});

test("real ports of this machine answer, open or closed, over TCP and UDP", async () => {
    const open = await new Promise<number>((resolve) => {
        server = createServer((socket) => socket.destroy()).listen(0, "127.0.0.1", () => {
            const address = server?.address();
            resolve(typeof address === "object" && address !== null ? address.port : 0);
        });
    });
    const peers = ["127.0.0.1 9/udp", `127.0.0.1 ${open}/tcp`, "127.0.0.1 9/tcp"];
    const host = new PreflightHost({
        variables: { PEERS: peers.map((peer) => `here ${peer}`).join("\n"), ONLY: "peers" },
        lacks: ["ping"],
        realNetwork: true,
    });
    const run = await host.run();
    expect(run).toMatchObject({ code: 0, stderr: "" });
    expect(run.stdout).toMatch(/^info\ttime\t[\d.]+\n$/);
    host.dispose();
});
