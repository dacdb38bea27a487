import { closeSync, mkdirSync, openSync, rmSync, statfsSync } from "node:fs";
import { join } from "node:path";

import { z } from "zod";

import { command } from "../command.ts";
import { podRunFolder } from "../paths.ts";

/** The bridge of the host, which every pod's network is a port of. */
const BRIDGE = "br0";
/** What the file of a network namespace is on, once one is mounted there. */
const NSFS_MAGIC = 0x6e736673;
const ADDRESSES = z.array(
    z.object({ addr_info: z.array(z.object({ local: z.string(), family: z.string(), scope: z.string() })) }),
);
const DEVICES = z.array(z.object({ ifname: z.string(), address: z.string().optional() }));

/** The file of a pod's network namespace. */
export function networkFile(uid: string): string {
    return join(podRunFolder(uid), "net");
}

/** Whether a pod has a network here: after the host has lost its power, it has none. */
export function hasNetwork(uid: string): boolean {
    try {
        return statfsSync(networkFile(uid)).type === NSFS_MAGIC;
    } catch {
        return false;
    }
}

/** Gives a pod a network of its own, in which it has one address and sees all others on its link. */
export async function makeNetwork(uid: string, address: string): Promise<void> {
    const file = networkFile(uid);
    const port = portName(uid);
    await removeNetwork(uid);
    mkdirSync(podRunFolder(uid), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "w"));
    await command("unshare", [`--net=${file}`, "true"]);
    await command("ip", ["link", "add", port, "type", "veth", "peer", "name", "eth0", "netns", file]);
    await command("ip", ["link", "set", port, "master", BRIDGE, "up"]);
    await inNetwork(uid, ["sh", "-c", "echo 1 >/proc/sys/net/ipv4/conf/eth0/arp_notify"]);
    const steps = [
        "link set lo up",
        `address add ${address}/32 dev eth0`,
        "link set eth0 up",
        `route add default dev eth0 src ${address}`,
    ];
    await inNetwork(uid, ["ip", "-batch", "-"], `${steps.join("\n")}\n`);
}

/** Takes away what `makeNetwork` has made, or a part of it. */
export async function removeNetwork(uid: string): Promise<void> {
    const file = networkFile(uid);
    // The namespace goes with its last process, but its port must not be in the way of the next one.
    if (await exists(portName(uid))) await command("ip", ["link", "delete", portName(uid)]);
    if (hasNetwork(uid)) await command("umount", ["-l", file]);
    rmSync(file, { force: true });
}

/**
 * Makes a pod hold just these addresses besides its own, and tells its neighbours of the new ones.
 * @returns the addresses that are new
 */
export async function holdAddresses(
    uid: string,
    own: string,
    wanted: ReadonlySet<string>,
): Promise<string[]> {
    const shown = ADDRESSES.parse(
        JSON.parse(await inNetwork(uid, ["ip", "-json", "address", "show", "dev", "eth0"])),
    );
    const held = shown
        .flatMap(({ addr_info }) => addr_info)
        .filter(({ local, family, scope }) => family === "inet" && scope === "global" && local !== own)
        .map(({ local }) => local);
    const added = [...wanted].filter((address) => !held.includes(address));
    const steps = [
        ...held
            .filter((address) => !wanted.has(address))
            .map((address) => `address del ${address}/32 dev eth0`),
        ...added.map((address) => `address add ${address}/32 dev eth0`),
    ];
    if (steps.length > 0) await inNetwork(uid, ["ip", "-batch", "-"], `${steps.join("\n")}\n`);
    if (added.length > 0) await announceAll(uid);
    return added;
}

/** With arp_notify, a device that is given its own hardware address once more announces all its addresses. */
async function announceAll(uid: string): Promise<void> {
    const [device] = DEVICES.parse(
        JSON.parse(await inNetwork(uid, ["ip", "-json", "link", "show", "dev", "eth0"])),
    );
    await inNetwork(uid, ["ip", "link", "set", "eth0", "address", device?.address ?? ""]);
}

async function inNetwork(uid: string, args: readonly string[], input = ""): Promise<string> {
    return command("nsenter", [`--net=${networkFile(uid)}`, "--", ...args], { input });
}

async function exists(device: string): Promise<boolean> {
    const devices = DEVICES.parse(JSON.parse(await command("ip", ["-json", "link", "show"])));
    return devices.some(({ ifname }) => ifname === device);
}

/** A pod's port in the bridge. A device's name has at most 15 characters. */
function portName(uid: string): string {
    return `pod${uid.replaceAll("-", "").slice(0, 12)}`;
}
