import { fileURLToPath } from "node:url";

import { KnownRuns } from "./known-runs.ts";
import type { Fault, Machine, Run } from "./machine.ts";

const FAKES = new URL("prepare-fakes/", import.meta.url);
const PREPARE = new URL("prepare.sh", FAKES);
const UNDO = new URL("undo.sh", FAKES);

/** The groups of fake commands that a host may have: see prepare-fakes. */
export type Tools = "modprobe" | "firewalld" | "rpm" | "dnf" | "zypper";

export const ALL_TOOLS = ["modprobe", "firewalld", "rpm", "dnf"] as const;

/** What is asked of a plain host. */
export const PLAIN = { PREPARE: "yes", FIREWALLD: "off", MODULES: "overlay\nvxlan" } as const;

/** Everything at once. */
export const FULL = {
    ...PLAIN,
    IPV6: "yes",
    CIS: "yes",
    ETCD_USER: "yes",
    SELINUX: "yes",
} as const;

/** firewalld goes on. */
export const OPEN = {
    ...PLAIN,
    FIREWALLD: "open",
    PORTS: "9345/tcp\n8472/udp\nesp",
    TRUSTED: "192.168.10.0/24\nfd00:10::/64",
    INSIDE: "10.10.0.0/16\n10.11.0.0/16",
} as const;

/** Values of a kernel that nobody has changed. */
const VALUES = {
    "net/ipv4/ip_forward": "0",
    "net/ipv4/conf/all/rp_filter": "2",
    "net/ipv6/conf/all/forwarding": "0",
    "net/ipv6/conf/eth0.100/accept_ra": "1",
    "net/ipv6/conf/eth1/accept_ra": "0",
    "fs/inotify/max_user_instances": "128",
    "fs/inotify/max_user_watches": "1048576",
    "vm/overcommit_memory": "0",
    "vm/panic_on_oom": "0",
    "kernel/panic": "0",
    "kernel/panic_on_oops": "0",
};

/** A service that runs and starts at boot. */
export function serve(machine: Machine, unit: string): void {
    machine.file(`/sys/systemd/${unit}/active`, "");
    machine.file(`/sys/systemd/${unit}/enabled`, "");
}

/** A host with all that a preparation has to do with. */
export function fullHost(machine: Machine): void {
    plainHost(machine);
    machine.file("/usr/sbin/NetworkManager", "", 0o755);
    machine.file("/etc/NetworkManager/NetworkManager.conf", "[main]\n");
    machine.file("/usr/lib/systemd/systemd-networkd", "", 0o755);
    machine.file("/sys/fs/selinux/enforce", "1");
    for (const unit of ["NetworkManager", "systemd-networkd", "firewalld", "nm-cloud-setup.timer"]) {
        serve(machine, unit);
    }
    machine.file("/sys/systemd/nm-cloud-setup.service/enabled", "");
    machine.file("/etc/firewalld/zones/public.xml", "<zone/>\n");
    machine.file("/sys/systemd/NetworkManager/told", "");
    machine.file("/sys/systemd/firewalld/told", "<zone/>\n");
    machine.world(
        "routes",
        "default via fe80::1 dev eth0.100 metric 1024 expires 1790sec\ndefault via fe80::1 dev eth1\n",
    );
}

/** A host with a kernel, users and folders, and no service that matters. */
export function plainHost(machine: Machine): void {
    for (const [key, value] of Object.entries(VALUES)) machine.file(`/proc/sys/${key}`, `${value}\n`);
    machine.file("/sys/module/overlay/refcnt", "0\n");
    machine.file("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n");
    machine.file("/etc/group", "root:x:0:\n");
    machine.file("/etc/sysctl.d/README", "");
    machine.file("/etc/modules-load.d/README", "");
}

/** How a run is to go. */
export interface How {
    readonly fault?: Fault;
    readonly tools?: readonly Tools[];
}

/** Runs that prepare a host, or take that back. Many tests begin with the same ones. */
export class Preparations {
    readonly #runs = new KnownRuns();

    readonly prepare = (
        machine: Machine,
        variables: Readonly<Record<string, string>>,
        how: How = {},
    ): Promise<Run> => this.#run(machine, PREPARE, variables, how);

    readonly undo = (machine: Machine, how: How = {}): Promise<Run> => this.#run(machine, UNDO, {}, how);

    dispose(): Promise<void> {
        return this.#runs.dispose();
    }

    #run(
        machine: Machine,
        script: URL,
        variables: Readonly<Record<string, string>>,
        { fault, tools = ALL_TOOLS }: How,
    ): Promise<Run> {
        const folders = ["base", ...tools].map((folder) => fileURLToPath(new URL(folder, FAKES)));
        return this.#runs.run(
            machine,
            script,
            { ROLE: "server", NODE_NAME: "east-1", SECONDS_MAX: "60", ...variables },
            {
                ...(fault === undefined ? {} : { fault }),
                environment: { PATH: [...folders, "/usr/bin", "/bin"].join(":") },
            },
        );
    }
}
