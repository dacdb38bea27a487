import { Machine, type Run } from "./machine.ts";

/** What makes a host a node. */
export const SCRIPT = new URL("../../components/rke2/scripts/node.sh", import.meta.url);
export const TOKEN = "0f1e2d3c4b5a";
export const CONFIG_FILE = "/etc/rancher/rke2/config.yaml";

/** The server that begins the cluster. */
export const FIRST = {
    ROLE: "server",
    NODE_NAME: "east-1",
    VERSION: "v1.35.7+rke2r1",
    INSTALL_URL: "https://get.rke2.io",
    CONFIG: 'node-ip: "10.0.0.1"\nnode-name: "east-1"\n',
    TOKEN,
    PEERS: "https://10.0.0.2:9345\nhttps://[fd00::3]:9345",
    SECONDS_MAX: "60",
};
/** A server that joins it. */
export const SERVER = {
    ...FIRST,
    CONFIG: 'node-ip: "10.0.0.2"\nserver: "https://10.0.0.1:9345"\n',
    PEERS: "",
};
/** An agent. */
export const AGENT = { ...SERVER, ROLE: "agent", NODE_NAME: "east-4", LABELS: "disk=ssd\nrack=" };

type Variables = Readonly<Record<string, string>>;

/** Machines that have become nodes: making one takes longer than most of what is tried on it. */
export class MadeNodes {
    readonly #made = new Map<Variables, Promise<Machine>>();

    /** Makes a machine what an empty one is when the script has made it a node. */
    async make(machine: Machine, node: Variables): Promise<void> {
        const made = this.#made.get(node) ?? this.#new(node);
        this.#made.set(node, made);
        machine.become(await made);
    }

    async dispose(): Promise<void> {
        for (const made of this.#made.values()) (await made).dispose();
    }

    async #new(node: Variables): Promise<Machine> {
        const machine = new Machine();
        const { code, stderr } = await machine.run(SCRIPT, node);
        if (code !== 0) throw new Error(`the host has not become a node: ${stderr}`);
        return machine;
    }
}

/** What a run did to the machine, of all that it called. */
export function changes({ calls }: Pick<Run, "calls">): string[] {
    return calls.filter((call) =>
        /^(install\.sh|systemctl (start|restart|enable)|curl (?!.*ping)|kubectl .*label node)/.test(call),
    );
}
