import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

import { z } from "zod";

import { ENVIRONMENT } from "../hosts/run.ts";
import { ended, type Ended } from "../mesh/run-in-lab.ts";
import type { Network } from "./network.ts";
import { familyOf, type Family, type Route } from "./speaker.ts";

/** Where the programs are. */
export interface GobgpTools {
    readonly gobgpd: string;
    readonly gobgp: string;
}

/** Where a daemon runs, and what it is told. Its configuration may hold passwords. */
export interface DaemonArgs {
    readonly network: Network;
    readonly place: string;
    /** A folder for its files, of nobody else. */
    readonly folder: string;
    readonly config: { readonly text: string; readonly type: "toml" | "yaml" };
    readonly tools: GobgpTools;
}

/** A session, as one of its two ends sees it. */
export interface End {
    /** Whom it is with. */
    readonly address: string;
    readonly isEstablished: boolean;
    readonly localASN: number;
    /** The number that is expected; 0: any. */
    readonly expectedASN: number;
    readonly password: string;
    /** How many hops its packets may take; nothing: any number. */
    readonly ttl?: number;
    /** As both agreed; 0 without a session. */
    readonly holdTime: number;
    /** What this end said it speaks. */
    readonly families: readonly Family[];
    /** What the other end said, in seconds; nothing: it said nothing. */
    readonly neighboursRestartTime?: number;
}

const NEIGHBOURS = z.array(
    z.object({
        conf: z.object({
            neighbor_address: z.string(),
            auth_password: z.string().default(""),
            peer_asn: z.number().default(0),
            local_asn: z.number().default(0),
        }),
        ebgp_multihop: z.object({ enabled: z.boolean().default(false), multihop_ttl: z.number().default(0) }),
        state: z.object({ session_state: z.number().default(0), local_asn: z.number().default(0) }),
        timers: z.object({
            state: z
                .object({ negotiated_hold_time: z.number().default(0) })
                .default({ negotiated_hold_time: 0 }),
        }),
        afi_safis: z.array(
            z.object({ config: z.object({ family: z.object({ afi: z.number(), safi: z.number() }) }) }),
        ),
    }),
);

const ESTABLISHED = 6;
/** By the numbers of address families. */
const FAMILIES: ReadonlyMap<number, Family> = new Map([
    [1, "ipv4"],
    [2, "ipv6"],
]);

const ATTRIBUTE = z.looseObject({ type: z.number() });
const COMMUNITIES = z.object({ type: z.literal(8), communities: z.array(z.number()) });
const LOCAL_PREFERENCE = z.object({ type: z.literal(5), value: z.number() });
const LARGE_COMMUNITIES = z.object({
    type: z.literal(32),
    value: z.array(z.object({ ASN: z.number(), LocalData1: z.number(), LocalData2: z.number() })),
});

/** By prefix, the paths there. */
const RIB = z.record(z.string(), z.array(z.object({ attrs: z.array(ATTRIBUTE) })));

/** Go listens with Multipath TCP where the kernel has it, and its sockets refuse passwords. */
const WITHOUT_MPTCP = { GODEBUG: "multipathtcp=0" };

/** A gobgpd that runs. */
export class Gobgpd {
    readonly #process: ChildProcess;
    readonly #args: DaemonArgs;

    private constructor(process: ChildProcess, args: DaemonArgs) {
        this.#process = process;
        this.#args = args;
    }

    /** Starts one, and waits until it answers. */
    static async start(args: DaemonArgs): Promise<Gobgpd> {
        const { network, place, folder, config, tools } = args;
        const file = join(folder, `${place}.${config.type}`);
        await writeFile(file, config.text, { mode: 0o600 });
        const argv = network.enter(place, [
            tools.gobgpd,
            ...["--config-file", file, "--config-type", config.type, "--config-strict"],
            ...["--api-hosts", socketOf(args), "--pprof-disable"],
        ]);
        const [command, ...rest] = argv;
        const daemon = spawn(command, rest, {
            env: { ...ENVIRONMENT, ...WITHOUT_MPTCP },
            stdio: ["ignore", "pipe", "pipe"],
        });
        const log = createWriteStream(join(folder, `${place}.log`), { mode: 0o600 });
        daemon.stdout.pipe(log, { end: false });
        daemon.stderr.pipe(log, { end: false });
        const started = new Gobgpd(daemon, args);
        const end = Date.now() + 30_000;
        while ((await started.#ask(["global"])).status !== 0) {
            if (daemon.exitCode !== null || Date.now() > end) {
                await started.stop();
                throw new Error(`gobgpd for ${place} does not answer: its log is ${place}.log in ${folder}`);
            }
            await pause(100);
        }
        return started;
    }

    async stop(): Promise<void> {
        if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
        const exited = once(this.#process, "exit");
        this.#process.kill("SIGKILL");
        await exited;
    }

    /** Gives it a route of its own. Who is told of it, and with which attributes, its policies say. */
    async announce(prefix: string): Promise<void> {
        await this.#answer(["global", "rib", "add", prefix, "--address-family", familyOf(prefix)]);
    }

    /** Its sessions, and those it waits for. */
    async ends(): Promise<End[]> {
        const neighbours = NEIGHBOURS.parse(JSON.parse(await this.#answer(["neighbor", "--json"])));
        return Promise.all(
            neighbours.map(async ({ conf, ebgp_multihop, state, timers, afi_safis }) => {
                const localASN = state.local_asn === 0 ? conf.local_asn : state.local_asn;
                const isInternal = localASN === conf.peer_asn;
                const restartTime = await this.#restartTimeOf(conf.neighbor_address);
                return {
                    address: conf.neighbor_address,
                    isEstablished: state.session_state === ESTABLISHED,
                    localASN,
                    expectedASN: conf.peer_asn,
                    password: conf.auth_password,
                    ...(isInternal ? {} : { ttl: ebgp_multihop.enabled ? ebgp_multihop.multihop_ttl : 1 }),
                    holdTime: timers.state.negotiated_hold_time,
                    families: afi_safis.flatMap(({ config }) => FAMILIES.get(config.family.afi) ?? []).sort(),
                    ...(restartTime === undefined ? {} : { neighboursRestartTime: restartTime }),
                };
            }),
        );
    }

    /** The routes that it has got from a neighbour, as they came. */
    async routesFrom(address: string): Promise<Route[]> {
        const families: readonly Family[] = ["ipv4", "ipv6"];
        const found = await Promise.all(
            families.map(async (family) => {
                const ask = ["neighbor", address, "adj-in", "--address-family", family, "--json"];
                // Without a session there is no table.
                const { status, stdout } = await this.#ask(ask);
                return status === 0 ? routesIn(stdout) : [];
            }),
        );
        return found.flat();
    }

    /** It is told in words only. */
    async #restartTimeOf(address: string): Promise<number | undefined> {
        const text = await this.#answer(["neighbor", address]);
        const found = /Remote: restart time (\d+) sec/.exec(text)?.[1];
        return found === undefined ? undefined : Number(found);
    }

    async #answer(args: readonly string[]): Promise<string> {
        const { status, stdout, stderr } = await this.#ask(args);
        if (status === 0) return stdout;
        throw new Error(`gobgp ${args.join(" ")} at ${this.#args.place}: ${stderr.trim()}${stdout.trim()}`);
    }

    #ask(args: readonly string[]): Promise<Ended> {
        return ended([this.#args.tools.gobgp, "--target", socketOf(this.#args), ...args]);
    }
}

function socketOf({ folder, place }: DaemonArgs): string {
    return `unix://${join(folder, `${place}.sock`)}`;
}

function routesIn(text: string): Route[] {
    return Object.entries(RIB.parse(JSON.parse(text))).flatMap(([prefix, paths]) =>
        paths.map(({ attrs }) => routeWith(prefix, attrs)),
    );
}

function routeWith(prefix: string, attributes: readonly z.infer<typeof ATTRIBUTE>[]): Route {
    const communities = attributes.flatMap((attribute) => {
        const { data } = COMMUNITIES.safeParse(attribute);
        return (data?.communities ?? []).map((number) => `${number >>> 16}:${number & 0xffff}`);
    });
    const largeCommunities = attributes.flatMap((attribute) => {
        const { data } = LARGE_COMMUNITIES.safeParse(attribute);
        return (data?.value ?? []).map(
            ({ ASN, LocalData1, LocalData2 }) => `${ASN}:${LocalData1}:${LocalData2}`,
        );
    });
    const [localPreference] = attributes.flatMap(
        (attribute) => LOCAL_PREFERENCE.safeParse(attribute).data?.value ?? [],
    );
    return {
        prefix,
        communities: communities.sort(),
        largeCommunities: largeCommunities.sort(),
        ...(localPreference === undefined ? {} : { localPreference }),
    };
}
