import { spawnSync } from "node:child_process";

/** Whether systemd runs RKE2 on this host now. */
export function isServiceRunning(): boolean {
    return ["rke2-server", "rke2-agent"].some(
        (unit) => spawnSync("systemctl", ["is-active", "--quiet", unit]).status === 0,
    );
}
