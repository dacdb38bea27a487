import { join } from "node:path";

import { z } from "zod";

import { ApiClient } from "../api/client.ts";
import { command } from "../command.ts";
import { reason, say } from "../log.ts";
import { pause } from "../pause.ts";
import { LeaderLease } from "./leader-lease.ts";
import type { Manifest } from "./manifest.ts";

/** What a kube-vip is told. */
export interface KubeVipSettings {
    readonly address: string;
    readonly prefix: number;
    /** @default - where the default route leads */
    readonly interface?: string;
    readonly identity: string;
    readonly leaderElection: boolean;
    readonly lease: { readonly namespace: string; readonly name: string };
    readonly leaseSeconds: number;
    readonly renewSeconds: number;
    readonly retrySeconds: number;
    /** The kubeconfig, where the host has it. */
    readonly kubeconfig: string;
}

const DEFAULT_KUBECONFIG = "/etc/kubernetes/admin.conf";
const ROUTES = z.array(z.object({ dev: z.string() }));
const LINKS = z.array(z.object({ address: z.string() }));

/** The settings of a pod that is a kube-vip; `undefined` for any other, and a sentence for one that would do nothing. */
export function kubeVipSettings(
    { spec }: Manifest["pod"],
    nodeName: string,
): KubeVipSettings | string | undefined {
    const container = spec.containers.find(({ image }) => /(?:^|\/)kube-vip(?:[-\w]*)(?:[:@]|$)/.test(image));
    if (container === undefined) return undefined;
    const env = new Map(
        container.env.map(({ name, value, valueFrom }) => [
            name,
            valueFrom?.fieldRef?.fieldPath === "spec.nodeName" ? nodeName : value,
        ]),
    );
    const seconds = (name: string, otherwise: number) => Number(env.get(name) ?? otherwise);
    const address = env.get("address") ?? env.get("vip_address") ?? "";
    if (address === "") return "its variable address is not set";
    if (env.get("cp_enable") !== "true") return 'its variable cp_enable is not "true"';
    if (env.get("vip_arp") !== "true") return 'its variable vip_arp is not "true"';
    if (spec["hostNetwork"] !== true) return "it is not in the host's network: hostNetwork is not true";
    const named = env.get("vip_interface") ?? "";
    return {
        address,
        prefix: Number((env.get("vip_subnet") ?? "32").replace("/", "")),
        ...(named === "" ? {} : { interface: named }),
        identity: env.get("vip_nodename") ?? nodeName,
        leaderElection: env.get("vip_leaderelection") === "true",
        lease: {
            namespace: env.get("cp_namespace") ?? "kube-system",
            name: env.get("vip_leasename") ?? "plndr-cp-lock",
        },
        leaseSeconds: seconds("vip_leaseduration", 15),
        renewSeconds: seconds("vip_renewdeadline", 10),
        retrySeconds: seconds("vip_retryperiod", 2),
        kubeconfig: onHost(env.get("k8s_config_file") ?? DEFAULT_KUBECONFIG, container, spec.volumes),
    };
}

/** Where the host has a file that a container sees at this path. */
function onHost(
    path: string,
    { volumeMounts }: Manifest["pod"]["spec"]["containers"][number],
    volumes: Manifest["pod"]["spec"]["volumes"],
): string {
    for (const { name, mountPath } of volumeMounts) {
        const source = volumes.find((volume) => volume.name === name)?.hostPath?.path;
        if (source === undefined) continue;
        if (path === mountPath) return source;
        if (path.startsWith(`${mountPath}/`)) return join(source, path.slice(mountPath.length));
    }
    return path;
}

/**
 * Simulated: kube-vip for the control plane, by ARP. It holds one address on its host while it is the leader by a real Lease.
 * The address has a lifetime that only a leader renews, so that it goes with a kubelet that is killed. Not there: Services,
 * BGP, IPVS.
 */
export class KubeVip {
    readonly #settings: KubeVipSettings;
    readonly #ending = new AbortController();
    readonly #lease: LeaderLease;
    readonly #living: Promise<void>;
    #holds = false;
    #said = "";

    constructor(settings: KubeVipSettings) {
        this.#settings = settings;
        this.#lease = new LeaderLease(ApiClient.fromKubeconfig(settings.kubeconfig), settings);
        say(`kube-vip (simulated): waits to hold ${settings.address}`);
        this.#living = this.#live();
    }

    /** Lets go of the address, and of the lead. */
    async stop(): Promise<void> {
        this.#ending.abort();
        await this.#living;
    }

    async #live(): Promise<void> {
        const { signal } = this.#ending;
        const { leaderElection, retrySeconds } = this.#settings;
        while (!signal.aborted) {
            try {
                const leads = leaderElection ? await this.#lease.tryToLead() : true;
                await (leads ? this.#hold() : this.#letGo());
                this.#said = "";
            } catch (error) {
                // Unless the lead is renewed in time, the address goes by itself.
                if (this.#said !== reason(error)) this.#say((this.#said = reason(error)));
            }
            await pause(retrySeconds * 1000, signal);
        }
        try {
            await this.#letGo();
            if (leaderElection) await this.#lease.release();
        } catch (error) {
            this.#say(reason(error));
        }
    }

    async #hold(): Promise<void> {
        const { address, leaseSeconds } = this.#settings;
        const device = await this.#device();
        const lifetime = ["valid_lft", String(leaseSeconds), "preferred_lft", String(leaseSeconds)];
        const label = ["label", `${device}:vip`];
        await command("ip", ["address", "replace", this.#cidr(), "dev", device, ...label, ...lifetime]);
        if (this.#holds) return;
        this.#holds = true;
        this.#say(`holds ${address} on ${device}`);
        await announce(device);
    }

    async #letGo(): Promise<void> {
        const device = await this.#device();
        const shown = await command("ip", [
            "-o",
            "address",
            "show",
            "dev",
            device,
            "to",
            `${this.#settings.address}/32`,
        ]);
        if (shown !== "") await command("ip", ["address", "del", this.#cidr(), "dev", device]);
        if (this.#holds) this.#say(`lets go of ${this.#settings.address}`);
        this.#holds = false;
    }

    #cidr(): string {
        return `${this.#settings.address}/${this.#settings.prefix}`;
    }

    async #device(): Promise<string> {
        if (this.#settings.interface !== undefined) return this.#settings.interface;
        const routes = ROUTES.parse(JSON.parse(await command("ip", ["-json", "route", "show", "default"])));
        const [route] = routes;
        if (route === undefined) throw new Error("there is no default route, and vip_interface is not set");
        return route.dev;
    }

    #say(message: string): void {
        say(`kube-vip (simulated): ${message}`);
    }
}

/** Tells the neighbours where the addresses of a device are now: with arp_notify, by giving it its own address again. */
async function announce(device: string): Promise<void> {
    const [link] = LINKS.parse(JSON.parse(await command("ip", ["-json", "link", "show", "dev", device])));
    await command("sh", ["-c", 'echo 1 >"/proc/sys/net/ipv4/conf/$1/arp_notify"', "sh", device]);
    await command("ip", ["link", "set", device, "address", link?.address ?? ""]);
}
