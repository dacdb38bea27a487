/*
 * What the network's owner has configured, and what the objects of both announcers say, meet in two real daemons: sessions come
 * up as described, routes arrive with their attributes, and a mistake in any single field is found. The daemons are GoBGP's,
 * which Cilium's agent has inside; MetalLB's speaker has FRR's. Every meeting is in network namespaces of its own.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import type { Bgp } from "../../../model/resolved.ts";
import { findTool } from "../binaries/tools.ts";
import type { GobgpTools } from "./daemon.ts";
import { ciliumObjects, metalLbObjects, type Described } from "./described.ts";
import { disagreements } from "./disagreements.ts";
import { speakersOfCilium } from "./from-cilium.ts";
import { speakersOfMetalLb } from "./from-metallb.ts";
import { meet, type Meeting } from "./meeting.ts";
import type { Speaker } from "./speaker.ts";

const PASSWORD = "agreed-by-telephone";
const NODES = [
    { name: "east-1", address: "10.88.1.11" },
    { name: "west-1", address: "10.88.2.11" },
] as const;
const [EAST, WEST] = NODES;

let tools: GobgpTools;

beforeAll(async () => {
    const [gobgpd, gobgp] = [await findTool("gobgpd", console.log), await findTool("gobgp", console.log)];
    tools = { gobgpd: gobgpd.path, gobgp: gobgp.path };
});

/** External neighbours one hop away, with everything that both announcers can. */
const SPINE = { name: "spine", address: "10.88.9.1" };

function external(localASN: number): Bgp {
    return {
        mode: "bgp",
        localASN,
        peers: {
            spine: {
                address: SPINE.address,
                asn: 65000,
                ebgpMultihop: 2,
                password: { fromConfig: "spinePassword" },
                gracefulRestart: { restartTimeSeconds: 120 },
            },
        },
        advertise: ["LoadBalancerIP"],
        communities: ["65000:100", "65000:1:2", "no-export"],
    };
}

/** An internal neighbour in the same rack. */
const TOR = { name: "tor", address: "10.88.9.2" };
const INTERNAL: Bgp = {
    mode: "bgp",
    localASN: 65000,
    peers: { tor: { address: TOR.address, asn: 65000, holdTimeSeconds: 9, keepAliveTimeSeconds: 3 } },
    advertise: ["LoadBalancerIP"],
    communities: ["65000:200"],
    localPreference: 200,
};

function speakers(bgpOf: (localASN: number) => Bgp, families: Described["families"]): Speaker[] {
    const described = (node: (typeof NODES)[number], index: number): Described => ({
        node,
        bgp: bgpOf(64_511 + index),
        families,
        addresses: [
            `10.20${index + 1}.0.200`,
            ...(families.includes("ipv6") ? [`fd00:20${index + 1}::200`] : []),
        ],
        password: PASSWORD,
    });
    return [
        ...speakersOfCilium(ciliumObjects(described(EAST, 0)), EAST.name),
        ...speakersOfMetalLb(metalLbObjects(described(WEST, 1)), WEST.name),
    ];
}

async function fixture(name: string): Promise<string> {
    return await readFile(join(import.meta.dirname, "fixtures", `${name}.toml`), "utf8");
}

async function meetSpine(
    change: (toml: string) => string = (toml) => toml,
    seconds = 40,
): Promise<Meeting[]> {
    const right = await fixture("spine");
    const toml = change(right);
    return await meet({
        router: { ...SPINE, toml },
        speakers: speakers(external, ["ipv4", "ipv6"]).map((speaker) => ({ speaker, isFar: true })),
        tools,
        seconds,
    });
}

describe("external neighbours, one hop away, with a password", () => {
    it("meet as both sides have it, whichever announcer speaks", async () => {
        const meetings = await meetSpine();
        expect(meetings.flatMap(disagreements)).toEqual([]);
        expect(meetings.map(summary)).toEqual([
            session("east-1", 64_511, "10.201.0.200/32", "fd00:201::200/128"),
            session("west-1", 64_512, "10.202.0.200/32", "fd00:202::200/128"),
        ]);
    });

    /** What both ends say of a session with the spine. */
    function session(node: string, asn: number, ...prefixes: string[]) {
        return {
            node,
            localASN: [asn, 65_000],
            // The less of 90 and 30.
            holdTime: [30, 30],
            families: [
                ["ipv4", "ipv6"],
                ["ipv4", "ipv6"],
            ],
            // What the spine says, and what the node does.
            restartTimes: [240, 120],
            routes: prefixes.map((prefix) => ({
                prefix,
                communities: ["65000:100", "65535:65281"],
                largeCommunities: ["65000:1:2"],
            })),
        };
    }

    it.each([
        {
            wrong: "AS number",
            change: (toml: string) => toml.replaceAll(/peer-as = 6451\d/g, "peer-as = 64999"),
            found: (node: string, asn: number) => [`spine expects AS 64999 of ${node}, which is AS ${asn}`],
        },
        {
            wrong: "own AS number",
            change: (toml: string) => toml.replace("as = 65000", "as = 65001"),
            found: (node: string) => [`${node} expects AS 65000 of spine, which is AS 65001`],
        },
        {
            wrong: "password",
            change: (toml: string) => toml.replaceAll(PASSWORD, "misheard"),
            found: (node: string) => [`${node} and spine have different TCP MD5 passwords`],
        },
        {
            wrong: "missing password",
            change: (toml: string) => toml.replaceAll(/auth-password = .*\n/g, ""),
            found: (node: string) => [`only ${node} has a TCP MD5 password`],
        },
        {
            wrong: "number of hops",
            change: (toml: string) => toml.replaceAll("multihop-ttl = 2", "multihop-ttl = 1"),
            found: (node: string) => [`packets of spine end after 1 hop, and ${node} is 2 hops away`],
        },
        {
            wrong: "address",
            change: (toml: string) => toml.replaceAll(/(10\.88\.[12])\.11/g, "$1.12"),
            found: (node: string) => [
                `spine expects nobody at ${node === "east-1" ? EAST.address : WEST.address}, where ${node} is, only at 10.88.1.12 and 10.88.2.12`,
            ],
        },
    ])("have no session with a wrong $wrong, and it is said why", async ({ change, found }) => {
        const meetings = await meetSpine(change, 8);
        expect(
            meetings.map(({ nodeEnd, routerEnd }) =>
                [nodeEnd, routerEnd].some((end) => end?.isEstablished === true),
            ),
        ).toEqual([false, false]);
        expect(meetings.map(disagreements)).toEqual(
            NODES.map(({ name }, index) => [
                `${name} and spine have no session`,
                ...found(name, 64_511 + index),
                `spine has not got 10.20${index + 1}.0.200/32 from ${name}`,
                `spine has not got fd00:20${index + 1}::200/128 from ${name}`,
            ]),
        );
    });

    it("have a session that does not outlive a restart where the spine does not help, and it is said", async () => {
        const meetings = await meetSpine((toml) =>
            toml.replaceAll(
                /(\[neighbors\.graceful-restart\.config\]\n)enabled = true/g,
                "$1enabled = false",
            ),
        );
        expect(meetings.map(disagreements)).toEqual(
            NODES.map(({ name }) => [`${name} restarts gracefully, and spine does not help it`]),
        );
    });

    it("have a session and lack routes with a wrong family, and it is said why", async () => {
        const meetings = await meetSpine(
            (toml) =>
                toml.replaceAll(/\[\[neighbors\.afi-safis\]\]\n[^[]*\[[^[]*"ipv6-unicast"\n\[[^[]*\n/g, ""),
            8,
        );
        expect(meetings.map(disagreements)).toEqual(
            NODES.map(({ name }, index) => [
                `${name} speaks ipv6, and spine does not`,
                `spine has not got fd00:20${index + 1}::200/128 from ${name}`,
            ]),
        );
    });
});

describe("internal neighbours in the same rack", () => {
    it("meet, and take the local preference", async () => {
        const meetings = await meet({
            router: { ...TOR, toml: await fixture("tor") },
            speakers: speakers(() => INTERNAL, ["ipv4"]).map((speaker) => ({ speaker, isFar: false })),
            tools,
            seconds: 40,
        });
        expect(meetings.flatMap(disagreements)).toEqual([]);
        expect(meetings.map(summary)).toEqual(
            NODES.map(({ name }, index) => ({
                node: name,
                localASN: [65_000, 65_000],
                holdTime: [9, 9],
                families: [["ipv4"], ["ipv4"]],
                restartTimes: [undefined, undefined],
                routes: [
                    {
                        prefix: `10.20${index + 1}.0.200/32`,
                        communities: ["65000:200"],
                        largeCommunities: [],
                        localPreference: 200,
                    },
                ],
            })),
        );
    });
});

/** What the node says, and then what the router says. */
function summary({ node, nodeEnd, routerEnd, routes }: Meeting) {
    const ends = [nodeEnd, routerEnd];
    return {
        node,
        localASN: ends.map((end) => end?.localASN),
        holdTime: ends.map((end) => end?.holdTime),
        families: ends.map((end) => end?.families),
        restartTimes: ends.map((end) => end?.neighboursRestartTime),
        routes,
    };
}
