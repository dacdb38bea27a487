import { rmSync } from "node:fs";

import { adoptProcess, signalGroup } from "../container/live-process.ts";
import { removeNetwork } from "../network/pod-network.ts";
import { pause } from "../pause.ts";
import { podDataFolder, podRunFolder } from "../paths.ts";
import type { PodState } from "./pod-state.ts";

/** Ends what is left of a pod that nobody knows any more, from what an earlier kubelet has noted. */
export async function endLeftover({ uid, containers }: PodState, graceSeconds: number): Promise<void> {
    const ids = Object.values(containers).flatMap(({ process }) => process ?? []);
    await Promise.all(
        ids.map(async (id) => {
            const process = adoptProcess(id);
            if (process === undefined) return;
            const over = new AbortController();
            const exited = process.exited.then(() => {
                over.abort();
            });
            if (graceSeconds > 0) {
                signalGroup(id, "SIGTERM");
                await pause(graceSeconds * 1000, over.signal);
            }
            signalGroup(id, "SIGKILL");
            await exited;
        }),
    );
    await removePod(uid);
}

/** Removes all that the kubelet has made for a pod whose processes have ended. The logs stay. */
export async function removePod(uid: string): Promise<void> {
    await removeNetwork(uid);
    rmSync(podDataFolder(uid), { recursive: true, force: true });
    rmSync(podRunFolder(uid), { recursive: true, force: true });
}
