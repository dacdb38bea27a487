import type { Run } from "./machine.ts";

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

/** What a run did to the machine, of all that it called. */
export function changes({ calls }: Pick<Run, "calls">): string[] {
    return calls.filter((call) =>
        /^(install\.sh|systemctl (start|restart|enable)|curl (?!.*ping)|kubectl .*label node)/.test(call),
    );
}
