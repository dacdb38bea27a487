import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

import { filesOf } from "./disk.ts";
import { sharedPaths, writeOwnLayer } from "./image.ts";
import type { LabFolder } from "./lab-folder.ts";
import { hostProblems, type HostSpec, type LabSpec } from "./lab-spec.ts";
import { hostsFile, overwrite } from "./names.ts";
import { insideLab, intoHost, intoLab, type Argv } from "./namespaces.ts";
import { isAlive, readRecord, type ProcessRecord } from "./process-record.ts";
import { processesIn, type LabProcess } from "./processes.ts";
import { run } from "./run.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const SSH_SECONDS_MAX = "15";

/** An open lab: hosts with SSH servers in a network of their own. Everything in it ends with it. */
export class Lab {
    readonly #folder: LabFolder;

    constructor(folder: LabFolder) {
        this.#folder = folder;
    }

    get name(): string {
        return this.#spec.name;
    }
    /** Where the lab keeps its files on the machine. */
    get folder(): string {
        return this.#folder.path;
    }
    /** A file with the CAs that the machine trusts and that of the lab's web server. */
    get trustFile(): string {
        return this.#folder.trust;
    }
    get hosts(): readonly HostSpec[] {
        return this.#spec.hosts;
    }

    /** Whether the lab's first process runs. Without it there are only files: close the lab. */
    isRunning(): boolean {
        const init = readRecord(this.#folder.init);
        return init !== undefined && isAlive(init);
    }

    /** Adds a host, boots it, and makes it known to all. */
    async addHost(host: HostSpec): Promise<void> {
        const spec = this.#spec;
        const problems = hostProblems(host, spec.hosts);
        if (problems.length > 0)
            throw new Error(`no such host can be added to the lab: ${problems.join("; ")}`);
        this.#change({ ...spec, hosts: [...spec.hosts, host] });
        try {
            await this.#make(host);
        } catch (error) {
            await this.removeHost(host.name);
            throw error;
        }
    }

    /** Ends a host, and removes it with its disk. */
    async removeHost(name: string): Promise<void> {
        const { name: removed } = this.#host(name);
        await this.powerOff(removed);
        rmSync(insideLab(this.#folder, join(this.#folder.disks, removed)), { recursive: true, force: true });
        const spec = this.#spec;
        this.#change({ ...spec, hosts: spec.hosts.filter((host) => host.name !== removed) });
    }

    /** Pulls a host's plug: its processes are gone, its disk is not. */
    async powerOff(name: string): Promise<void> {
        const host = this.#host(name);
        const init = this.#initOf(host.name);
        if (init === undefined) return;
        await this.#inLab(`pulling the plug of ${name}`, ["kill", "-KILL", String(init.pid)]);
        const end = Date.now() + 10_000;
        while (this.#initOf(host.name) !== undefined) {
            if (Date.now() > end) throw new Error(`${name} has not ended 10 s after its plug was pulled`);
            await pause(10);
        }
        // The kernel removes the link some time later, and the next boot makes another one of the same name.
        await this.#inLab(`removing the network link of ${name}`, [
            ...["bash", "-c", 'ip link delete "$0" 2>/dev/null || ! ip link show "$0" >/dev/null 2>&1'],
            portOf(host),
        ]);
    }

    /** Boots a host that was switched off, from its disk. */
    async powerOn(name: string): Promise<void> {
        const host = this.#host(name);
        if (this.#initOf(name) !== undefined) throw new Error(`${name} is on already`);
        await this.#boot(host);
    }

    /** Whether a host is on. */
    isOn(name: string): boolean {
        return this.#initOf(this.#host(name).name) !== undefined;
    }

    /** Takes a host's network link down. */
    async unplug(name: string): Promise<void> {
        await this.#inLab(`unplugging ${name}`, ["ip", "link", "set", portOf(this.#host(name)), "down"]);
    }

    /** Takes a host's network link up again. */
    async plug(name: string): Promise<void> {
        await this.#inLab(`plugging in ${name}`, ["ip", "link", "set", portOf(this.#host(name)), "up"]);
    }

    /** Stops a host's SSH server: connections are refused, and open ones stay. */
    async stopSsh(name: string): Promise<void> {
        await run(`stopping the SSH server of ${name}`, this.#argvInHost(name, ["/usr/lib/lab/ssh", "stop"]));
    }

    /** Starts a host's SSH server again. */
    async startSsh(name: string): Promise<void> {
        await run(
            `starting the SSH server of ${name}`,
            this.#argvInHost(name, ["/usr/lib/lab/ssh", "start"]),
        );
    }

    /**
     * Arguments that run a command inside the lab, with the caller's environment and working directory. Whoever kills the
     * process that they start kills the command too; other signals do not reach it.
     */
    enter(argv: readonly string[]): Argv {
        return intoLab(this.#folder, process.cwd(), argv);
    }

    /** Arguments that run a command as root on a host, with an environment like that after a login. */
    enterHost(name: string, argv: readonly string[]): Argv {
        return this.#argvInHost(name, argv);
    }

    /** What a host has on its disk that it has not had when it was added: paths of files. */
    diskFiles(name: string): string[] {
        return filesOf(insideLab(this.#folder, join(this.#folder.disks, this.#host(name).name, "upper")));
    }

    /** All processes of the lab. */
    processes(): LabProcess[] {
        const inits = this.hosts.flatMap(({ name }): [number, string][] => {
            const init = this.#initOf(name);
            return init === undefined ? [] : [[init.pid, name]];
        });
        return processesIn(insideLab(this.#folder, "/proc"), new Map(inits));
    }

    /** Makes the hosts of the description, all at once. Only who opens the lab calls it. */
    async bootAll(): Promise<void> {
        const results = await Promise.allSettled(this.hosts.map((host) => this.#make(host)));
        const problems = results.flatMap((result) =>
            result.status === "rejected" ? [messageOf(result.reason)] : [],
        );
        if (problems.length > 0) throw new Error(problems.join("\n"));
    }

    /** Starts something that is to run as long as the lab, and waits for its first line. */
    async launch(what: string, argv: readonly string[]): Promise<void> {
        await this.#inLab(`starting ${what}`, [
            ...["bash", join(HERE, "launch.sh"), this.#folder.log(what)],
            ...argv,
        ]);
    }

    get #spec(): LabSpec {
        return this.#folder.read();
    }

    #change(spec: LabSpec): void {
        this.#folder.write(spec);
        overwrite(this.#folder.names, hostsFile(spec));
    }

    #host(name: string): HostSpec {
        const { hosts } = this.#spec;
        const host = hosts.find((one) => one.name === name);
        if (host !== undefined) return host;
        throw new Error(`the lab has no host ${name}, only ${hosts.map((one) => one.name).join(", ")}`);
    }

    async #make(host: HostSpec): Promise<void> {
        const disks = insideLab(this.#folder, this.#folder.disks);
        for (const part of ["upper", "work", "root"]) {
            mkdirSync(join(disks, host.name, part), { recursive: true, mode: 0o755 });
        }
        writeOwnLayer(disks, host);
        await this.#boot(host);
    }

    async #boot(host: HostSpec): Promise<void> {
        const shared = sharedPaths(this.#spec).flatMap(({ source, target }) => [source, target]);
        await this.launch(host.name, [
            ...["unshare", "--net", "--mount", "--pid", "--uts", "--fork"],
            ...[
                "bash",
                join(HERE, "host-boot.sh"),
                this.#folder.disks,
                host.name,
                host.address,
                portOf(host),
            ],
            ...shared,
        ]);
        await this.#inLab(`waiting for SSH on ${host.name}`, [
            ...["bash", join(HERE, "await-ssh.sh"), host.address, SSH_SECONDS_MAX],
        ]);
    }

    /** The first process of a host, with its id as the lab sees it; `undefined` if the host is off. */
    #initOf(name: string): ProcessRecord | undefined {
        const init = readRecord(insideLab(this.#folder, join(this.#folder.disks, name, "init")));
        return init !== undefined && isAlive(init, insideLab(this.#folder, "/proc")) ? init : undefined;
    }

    #argvInHost(name: string, argv: readonly string[]): Argv {
        const init = this.#initOf(this.#host(name).name);
        if (init === undefined) throw new Error(`${name} is switched off`);
        return intoLab(this.#folder, "/", intoHost(init, argv));
    }

    #inLab(doing: string, argv: readonly string[]): Promise<string> {
        return run(doing, intoLab(this.#folder, "/", argv));
    }
}

/** The name of a host's network link in the lab: its address, as names are too long. */
function portOf({ address }: HostSpec): string {
    const bytes = address.split(".").map((part) => Number(part).toString(16).padStart(2, "0"));
    return `h${bytes.join("")}`;
}

function messageOf(reason: unknown): string {
    return reason instanceof Error ? reason.message : String(reason);
}
