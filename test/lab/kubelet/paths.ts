import { join } from "node:path";

/** What is gone after a boot: which processes run for which pod. */
export const RUN = "/run/lab-kubelet";

/** The folder of a pod's state: state.json and its network namespace. */
export function podRunFolder(uid: string): string {
    return join(RUN, "pods", uid);
}

/** The folder of a pod's volumes, where the real kubelet has it too. */
export function podDataFolder(uid: string): string {
    return join("/var/lib/kubelet/pods", uid);
}

/** The folder of a pod's logs. */
export function podLogFolder(namespace: string, name: string): string {
    return join("/var/log/pods", `${namespace}_${name}`);
}
