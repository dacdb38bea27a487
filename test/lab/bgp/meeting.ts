import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { Gobgpd, type End, type GobgpTools } from "./daemon.ts";
import { gobgpConfig } from "./gobgp-config.ts";
import { Network } from "./network.ts";
import { familyOf, type Route, type Session, type Speaker } from "./speaker.ts";

/** A router of the network's owner, with its configuration as the owner writes it. */
export interface Router {
    readonly name: string;
    readonly address: string;
    /** In gobgpd's own form. */
    readonly toml: string;
}

/** What came of a node and the router, as both daemons say. */
export interface Meeting {
    readonly node: string;
    readonly nodeAddress: string;
    readonly session: Session;
    readonly router: Router;
    readonly isFar: boolean;
    readonly nodeEnd: End;
    /** The router's session with the node's address, if it has been told of one. */
    readonly routerEnd?: End;
    /** Whom else the router has been told of. */
    readonly others: readonly string[];
    /** What the router has got. */
    readonly routes: readonly Route[];
}

interface MeetArgs {
    readonly router: Router;
    /** Nodes, and whether another router stands between them and the router. Each has one session. */
    readonly speakers: readonly { readonly speaker: Speaker; readonly isFar: boolean }[];
    readonly tools: GobgpTools;
    /** How long sessions have to come up, and routes to arrive. */
    readonly seconds: number;
}

/** Lets nodes and a router meet, each a real daemon in a network namespace of its own, and tells how it went. */
export async function meet({ router, speakers, tools, seconds }: MeetArgs): Promise<Meeting[]> {
    const folder = await mkdtemp(join(tmpdir(), "bgp-"));
    const daemons: Gobgpd[] = [];
    const places = speakers.map(({ speaker: { node, address }, isFar }) => ({ name: node, address, isFar }));
    const network = await Network.open(router, places);
    try {
        const start = async (place: string, config: { text: string; type: "toml" | "yaml" }) => {
            const daemon = await Gobgpd.start({ network, place, folder, config, tools });
            daemons.push(daemon);
            return daemon;
        };
        const routerDaemon = await start(router.name, { text: router.toml, type: "toml" });
        const nodes = await Promise.all(
            speakers.map(async ({ speaker, isFar }) => {
                const text = JSON.stringify(gobgpConfig(speaker));
                // JSON is YAML.
                const daemon = await start(speaker.node, { text, type: "yaml" });
                for (const prefix of prefixesOf(speaker)) await daemon.announce(prefix);
                return { speaker, isFar, daemon };
            }),
        );
        const look = () =>
            Promise.all(
                nodes.flatMap((node) => node.speaker.sessions.map(observe(router, routerDaemon, node))),
            );
        const end = Date.now() + seconds * 1000;
        for (;;) {
            const meetings = await look();
            if (meetings.every(isComplete) || Date.now() > end) return meetings;
            await pause(500);
        }
    } finally {
        await Promise.all(daemons.map((daemon) => daemon.stop()));
        await network.close();
        await rm(folder, { recursive: true });
    }
}

function prefixesOf({ sessions }: Speaker): string[] {
    return [...new Set(sessions.flatMap(({ routes }) => routes.map(({ prefix }) => prefix)))];
}

function observe(
    router: Router,
    routerDaemon: Gobgpd,
    {
        speaker,
        isFar,
        daemon,
    }: { readonly speaker: Speaker; readonly isFar: boolean; readonly daemon: Gobgpd },
): (session: Session) => Promise<Meeting> {
    return async (session) => {
        const [nodeEnds, routerEnds] = await Promise.all([daemon.ends(), routerDaemon.ends()]);
        const nodeEnd = nodeEnds.find(({ address }) => address === session.address);
        if (nodeEnd === undefined)
            throw new Error(`${speaker.node} has not begun its session ${session.name}`);
        const routerEnd = routerEnds.find(
            ({ address }) => address === (session.localAddress ?? speaker.address),
        );
        const routes = await routerDaemon.routesFrom(speaker.address);
        return {
            node: speaker.node,
            nodeAddress: speaker.address,
            session,
            router,
            isFar,
            nodeEnd,
            ...(routerEnd === undefined ? {} : { routerEnd }),
            others: routerEnds
                .map(({ address }) => address)
                .filter((address) => address !== speaker.address)
                .sort(),
            routes,
        };
    };
}

/** Whether nothing more is to come. */
function isComplete({ session, nodeEnd, routerEnd, routes }: Meeting): boolean {
    const expected = session.routes.filter(({ prefix }) => session.families.includes(familyOf(prefix)));
    return nodeEnd.isEstablished && routerEnd?.isEstablished === true && routes.length >= expected.length;
}
