import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readlinkSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { run } from "../hosts/run.ts";

/** Who is in a network, beside the router. */
export interface Place {
    readonly name: string;
    readonly address: string;
    /** Whether another router stands between it and the router. */
    readonly isFar: boolean;
}

/** The address of every router on the way: nobody calls it. */
const HOP = "192.0.2.1/32";

/** A router with nodes around it, in network namespaces that nobody else sees and that end with this process. */
export class Network {
    readonly #members = new Map<string, ChildProcess>();

    /** Makes it: `router` is the name and the address of the one in the middle. */
    static async open(
        router: { readonly name: string; readonly address: string },
        places: readonly Place[],
    ): Promise<Network> {
        const network = new Network();
        try {
            await network.#add(router.name);
            for (const [index, place] of places.entries()) {
                await network.#add(place.name);
                await network.#join(router, place, index);
            }
            return network;
        } catch (error) {
            await network.close();
            throw error;
        }
    }

    /** Ends it, with all that runs in it. */
    async close(): Promise<void> {
        const members = [...this.#members.values()];
        this.#members.clear();
        await Promise.all(
            members.map(async (member) => {
                const ended = once(member, "exit");
                if (member.kill("SIGKILL")) await ended;
            }),
        );
    }

    /** Arguments that run a command at a place; it ends with this process. */
    enter(name: string, argv: readonly string[]): [string, ...string[]] {
        const target = ["--target", String(this.#pid(name)), "--net"];
        return ["setpriv", "--pdeathsig", "KILL", "--", "nsenter", ...target, "--", ...argv];
    }

    #pid(name: string): number {
        const pid = this.#members.get(name)?.pid;
        if (pid === undefined) throw new Error(`there is nothing called ${name} in this network`);
        return pid;
    }

    async #add(name: string): Promise<void> {
        const own = readlinkSync("/proc/self/ns/net");
        const member = spawn(
            "setpriv",
            ["--pdeathsig", "KILL", "--", "unshare", "--net", "--", "sleep", "infinity"],
            { stdio: "ignore" },
        );
        this.#members.set(name, member);
        const end = Date.now() + 10_000;
        while (readlinkSync(`/proc/${this.#pid(name)}/ns/net`) === own) {
            if (Date.now() > end) throw new Error(`${name} has got no network of its own after 10 s`);
            await pause(10);
        }
        await this.#at(name, "ip link set lo up");
    }

    /** Links a place to the router, at once or through another one. */
    async #join(
        router: { readonly name: string; readonly address: string },
        { name, address, isFar }: Place,
        index: number,
    ): Promise<void> {
        const port = `port${index}`;
        if (!isFar) {
            await this.#link(router.name, port, name, "uplink");
        } else {
            const hop = `hop-${name}`;
            await this.#add(hop);
            await this.#link(router.name, port, hop, "upper");
            await this.#link(hop, "lower", name, "uplink");
            await this.#at(
                hop,
                "echo 1 > /proc/sys/net/ipv4/ip_forward",
                // Without an address of its own it could not ask who has another one.
                `ip address add ${HOP} dev lo`,
                ...["upper", "lower"].map((link) => `echo 1 > /proc/sys/net/ipv4/conf/${link}/proxy_arp`),
                `ip route add ${router.address}/32 dev upper`,
                `ip route add ${address}/32 dev lower`,
            );
        }
        await this.#at(
            name,
            `ip address add ${address}/32 dev uplink`,
            `ip route add ${router.address}/32 dev uplink src ${address}`,
        );
        await this.#at(
            router.name,
            `ip address replace ${router.address}/32 dev lo`,
            `ip route add ${address}/32 dev ${port} src ${router.address}`,
        );
    }

    async #link(left: string, leftName: string, right: string, rightName: string): Promise<void> {
        const peer = `peer name ${rightName} netns ${this.#pid(right)}`;
        await this.#at(left, `ip link add ${leftName} type veth ${peer}`, `ip link set ${leftName} up`);
        await this.#at(right, `ip link set ${rightName} up`);
    }

    async #at(name: string, ...commands: readonly string[]): Promise<void> {
        await run(`at ${name}`, this.enter(name, ["bash", "-c", `set -e; ${commands.join("; ")}`]));
    }
}
