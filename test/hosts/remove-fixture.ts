import { Machine, type Fault, type Run } from "./machine.ts";
import { SCRIPT, type FIRST } from "./node-fixture.ts";

export const REMOVE = new URL("../../components/rke2/scripts/remove-node.sh", import.meta.url);

/** The question for a node's pods of the network. */
export const PODS_OF = (node: string) =>
    `-n kube-system get pods --selector k8s-app=cilium --field-selector spec.nodeName=${node}`;

/** RKE2's own script: it ends RKE2, and takes away all that is RKE2's, itself last. */
export const UNINSTALL = `. "$FAKES/fake.sh"
for unit in rke2-server rke2-agent; do systemctl stop "$unit"; done
[ ! -f "$WORLD/uninstall-fails-early" ] || exit 1
rm -rf "$ROOT/etc/rancher/rke2" "$ROOT/var/lib/rancher/rke2"
[ ! -f "$WORLD/uninstall-fails" ] || exit 1
rm -f "$ROOT/usr/local/bin/rke2" "$0"
`;

const INSTALLED = new Map<string, Machine>();

/** Makes the machine a node, with what the network leaves on it: all that become the same node have it from one run. */
export async function installOn(machine: Machine, node: typeof FIRST): Promise<void> {
    const key = JSON.stringify(node);
    const installed = INSTALLED.get(key) ?? (await made(node));
    INSTALLED.set(key, installed);
    machine.become(installed);
}

/** For the end of a file that has installed. */
export function forgetInstalled(): void {
    for (const machine of INSTALLED.values()) machine.dispose();
    INSTALLED.clear();
}

async function made(node: typeof FIRST): Promise<Machine> {
    const machine = new Machine();
    const config = `${node.CONFIG.replace(/node-name: .*\n/, "")}node-name: "${node.NODE_NAME}"\n`;
    const run = await machine.run(SCRIPT, { ...node, CONFIG: config, PEERS: "" });
    if (run.code !== 0) throw new Error(run.stderr);
    machine.file("/usr/local/bin/rke2-uninstall.sh", UNINSTALL, 0o755);
    machine.file("/etc/cni/net.d/05-cilium.conflist", "{}");
    machine.file("/sys/fs/bpf/cilium/state", "");
    if (node.ROLE === "server") machine.file("/var/lib/rancher/rke2/agent/kubelet.kubeconfig", "{}");
    return machine;
}

/** By default whatever is asked is asked once: fakes answer at once, and a second is a long time to ask again and again. */
export function removeFrom(
    machine: Machine,
    { ROLE, NODE_NAME }: Pick<typeof FIRST, "ROLE" | "NODE_NAME">,
    more: Readonly<Record<string, string>> = {},
    fault?: Fault,
): Promise<Run> {
    const variables = { ROLE, NODE_NAME, SECONDS_MAX: "60", ASK_SECONDS_MAX: "0", ...more };
    return machine.run(REMOVE, variables, fault === undefined ? {} : { fault });
}

/** What is left on the host, but for what the fake install script put there and nothing of it runs. */
export function leftOn(machine: Machine): string[] {
    return Object.keys(machine.snapshot()).filter(
        (path) => path.startsWith("etc") || path.includes("cilium"),
    );
}
