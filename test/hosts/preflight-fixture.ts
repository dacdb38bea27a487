import { mkdtempSync, readdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { PREFLIGHT_SCRIPT } from "../../components/rke2/preflight.ts";
import { Machine, type Run } from "./machine.ts";

const FAKES = fileURLToPath(new URL("preflight-fakes", import.meta.url));

/** What the preflight may use as it is. */
const REAL = ["cat", "date", "grep", "sed", "sort", "tail", "timeout"];
/** What it asks about the machine, or looks for. */
const FAKE = [
    ...[
        "id",
        "nproc",
        "df",
        "uname",
        "timedatectl",
        "chronyc",
        "modprobe",
        "ip",
        "ss",
        "getent",
        "ping",
        "curl",
    ],
    ...["rpm", "dnf", "rke2", "systemctl", "cmp", "flock", "sha256sum", "tar"],
];

/** How a host differs from a good one. */
export interface Difference {
    readonly variables?: Readonly<Record<string, string>>;
    /** Files, by their paths. */
    readonly files?: Readonly<Record<string, string>>;
    /** Files and folders that are not there. */
    readonly without?: readonly string[];
    /** What commands say, by the command or by the command and its words with `_` for `/`. */
    readonly says?: Readonly<Record<string, string>>;
    /** Commands that end with another code than 0, by the same names. */
    readonly codes?: Readonly<Record<string, number>>;
    /** Commands that are not there. */
    readonly lacks?: readonly string[];
    /** Ask ports of this machine, not those that `says` names. @default false */
    readonly realNetwork?: boolean;
}

const VARIABLES = {
    ROLE: "server",
    NODE_NAME: "east-1",
    VERSION: "v1.35.7+rke2r1",
    ADDRESSES: "10.0.0.1",
    KERNEL_MIN: "5.10",
    KERNEL_MIN_EL8: "4.18.0-553",
    KERNEL_FOR: "Cilium 1.19.6",
    MODULES: "needed vxlan the tunnel\nneeded cls_bpf Cilium's programs\nuseful xt_CT policies",
    PORTS: "tcp 6443 the Kubernetes API\ntcp 10250 the kubelet\nudp 8472 the tunnel",
    PEERS: "east-2 10.0.0.2 9345/tcp 8472/udp\neast-3 fd00::3 10250/tcp 8472/udp",
    REGISTRATION: "api.east.example.net",
    METHOD: "tar",
    INSTALL_URL: "https://get.rke2.io",
    FIREWALLD: "off",
    PREPARE: "yes",
    SELINUX: "no",
    SECONDS_MAX: "60",
};

/** The kernel's own list of sockets: a server of SSH listens, someone has left by it, and chrony asks for the time. */
const SOCKETS = "  sl  local_address rem_address   st tx_queue rx_queue";
const FILES = {
    "/etc/os-release":
        'NAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n',
    "/etc/hosts": "127.0.0.1\tlocalhost localhost.localdomain\n10.0.0.1 east-1\n",
    "/proc/meminfo": "MemTotal:       16284212 kB\nMemFree:         1284212 kB\n",
    "/proc/filesystems": "nodev\tsysfs\nnodev\tcgroup2\nnodev\tbpf\n\text4\n",
    "/proc/swaps": "Filename\t\t\t\tType\t\tSize\n",
    "/proc/net/tcp": `${SOCKETS}\n   0: 00000000:0016 00000000:0000 0A 00:00\n   1: 0100000A:192B 0200000A:01BB 06 00:00\n`,
    "/proc/net/udp6": `${SOCKETS}\n  23: 00000000000000000000000001000000:0143 00:0000 07\n`,
    "/proc/net/route":
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\neth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\neth0\t00000000\t0100000A\t0003\t0\t0\t0\t00000000\t0\n",
    "/proc/sys/kernel/hostname": "east-1\n",
    "/lib/modules/6.1.0-28-amd64/modules.builtin": "kernel/net/sched/cls_bpf.ko\n",
    "/sys/fs/cgroup/cgroup.controllers": "cpu memory\n",
    "/sys/class/net/lo/mtu": "65536\n",
    "/sys/class/net/eth0/mtu": "1500\n",
    "/var/lib/dpkg/status": "",
};

const SAYS = {
    id: "0\n",
    nproc: "8\n",
    "uname -m": "x86_64\n",
    "uname -r": "6.1.0-28-amd64\n",
    df: "Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/vda1 264212084 32633160 62868104 35% /\n",
    timedatectl: "yes\n",
    modprobe: "insmod /lib/modules/6.1.0-28-amd64/kernel/drivers/net/vxlan/vxlan.ko\n",
    systemctl: "inactive\n",
    "ip -o address show to 10.0.0.1": "2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n",
    "ip -o address show scope global": "2: eth0    inet 10.0.0.1/24 brd 10.0.0.255 scope global eth0\n",
    "ip -o route get 10.0.0.2": "10.0.0.2 dev eth0 src 10.0.0.1 uid 0 \\    cache\n",
    "ip -o route get fd00::3": "fd00::3 from :: dev eth0 src fd00::1 metric 256\n",
    ping: "",
    getent: "10.0.0.1 east-1\n",
    curl: "HTTP/2 200\r\ncontent-type: text/plain\r\n\r\n",
};

/** `systemctl` fails for all that is not enabled; it says `inactive` by itself. */
const CODES = { systemctl: 3 };

/** A host on which a node can live, apart from what it is said to differ in. */
export class PreflightHost {
    readonly #machine = new Machine();
    readonly #tools = mkdtempSync(join(tmpdir(), "tools-"));
    readonly #variables: Readonly<Record<string, string>>;

    constructor(...differences: readonly Difference[]) {
        this.#variables = { ...VARIABLES, ...merged(differences, ({ variables }) => variables) };
        this.#install(differences.flatMap(({ lacks = [] }) => lacks));
        const real = differences.some(({ realNetwork = false }) => realNetwork);
        symlinkSync(real ? "/bin/bash" : join(FAKES, "bash"), join(this.#tools, "bash"));
        const without = differences.flatMap((difference) => difference.without ?? []);
        const files = { ...FILES, ...merged(differences, (difference) => difference.files) };
        for (const [path, text] of Object.entries(files)) {
            if (!without.some((gone) => path.startsWith(gone))) this.#machine.file(path, text);
        }
        const says = { ...SAYS, ...merged(differences, (difference) => difference.says) };
        for (const [command, text] of Object.entries(says)) this.#machine.world(`says/${command}`, text);
        const codes = { ...CODES, ...merged(differences, (difference) => difference.codes) };
        for (const [command, code] of Object.entries(codes)) {
            this.#machine.world(`says/${command}.code`, String(code));
        }
    }

    /** Only what is named here is there: a host may lack any command that this machine has. */
    #install(lacks: readonly string[]): void {
        const link = (tool: string, target: string) => {
            if (!lacks.includes(tool)) symlinkSync(target, join(this.#tools, tool));
        };
        for (const tool of REAL) link(tool, `/usr/bin/${tool}`);
        for (const tool of FAKE) link(tool, join(FAKES, "command"));
    }

    /** Runs the preflight. */
    run(): Promise<Run> {
        return this.#machine.run(PREFLIGHT_SCRIPT, this.#variables, { environment: { PATH: this.#tools } });
    }

    /** Every file and folder with the times of its last change: a file that was made and removed shows in its folder's. */
    times(): Record<string, string> {
        const paths = ["", ...readdirSync(this.#machine.root, { recursive: true, encoding: "utf8" })];
        return Object.fromEntries(
            paths.map((path) => {
                const { mtimeMs, ctimeMs } = statSync(join(this.#machine.root, path));
                return [path, `${mtimeMs} ${ctimeMs}`];
            }),
        );
    }

    dispose(): void {
        this.#machine.dispose();
        rmSync(this.#tools, { recursive: true });
    }
}

function merged<Value>(
    differences: readonly Difference[],
    pick: (difference: Difference) => Readonly<Record<string, Value>> | undefined,
): Record<string, Value> {
    return Object.fromEntries(differences.flatMap((difference) => Object.entries(pick(difference) ?? {})));
}

/** A line that the preflight prints, by its words; without the time, which is never the same. */
export function linesOf({ stdout }: Run): string[][] {
    return stdout
        .split("\n")
        .slice(0, -1)
        .map((line) => line.split("\t"))
        .filter(([kind, name]) => kind !== "info" || name !== "time");
}

/** What some checks find on a host that differs from a good one. */
export async function findings(checks: string, ...differences: readonly Difference[]): Promise<string[][]> {
    const host = new PreflightHost(...differences, { variables: { ONLY: checks.replaceAll(" ", "\n") } });
    try {
        return linesOf(await host.run()).filter(([kind]) => kind !== "info");
    } finally {
        host.dispose();
    }
}
