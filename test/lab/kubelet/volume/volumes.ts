import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { reason } from "../log.ts";
import { podDataFolder } from "../paths.ts";
import type { PodObject, VolumeSpec } from "../pod/pod-object.ts";
import { writeAtomically } from "./atomic-directory.ts";
import { payload, VolumeError, type PayloadSources } from "./payload.ts";

/** The volumes of one pod as folders of its host. */
export class Volumes {
    readonly #pod: PodObject;
    readonly #sources: PayloadSources;

    constructor(sources: PayloadSources) {
        this.#pod = sources.pod;
        this.#sources = sources;
    }

    /** Makes every volume, or brings it up to date. It throws for the first that cannot be made yet. */
    async write(): Promise<void> {
        for (const volume of this.#pod.spec.volumes) {
            try {
                await this.#write(volume);
            } catch (error) {
                throw new VolumeError(
                    `MountVolume.SetUp failed for volume "${volume.name}" : ${reason(error)}`,
                );
            }
        }
    }

    /** Whether everything is there that the volumes are made of. It writes nothing. */
    async check(): Promise<void> {
        for (const volume of this.#pod.spec.volumes) {
            try {
                await payload(volume, this.#sources);
            } catch (error) {
                throw new VolumeError(
                    `MountVolume.SetUp failed for volume "${volume.name}" : ${reason(error)}`,
                );
            }
        }
    }

    /** Where a volume is on the host. */
    path(name: string): string {
        const volume = this.#pod.spec.volumes.find((one) => one.name === name);
        if (volume === undefined) throw new VolumeError(`the pod has no volume "${name}"`);
        return volume.hostPath?.path ?? this.#folder(volume);
    }

    #folder({ name }: VolumeSpec): string {
        return join(podDataFolder(this.#pod.metadata.uid), "volumes", name);
    }

    async #write(volume: VolumeSpec): Promise<void> {
        const { fsGroup } = this.#pod.spec.securityContext;
        const files = await payload(volume, this.#sources);
        if (files !== undefined) writeAtomically(this.#folder(volume), files, fsGroup);
        else if (volume.emptyDir !== undefined) makeEmpty(this.#folder(volume), fsGroup);
        else if (volume.hostPath !== undefined) makeHostPath(volume.hostPath);
        else throw new VolumeError("the simulated kubelet does not carry out this kind of volume");
    }
}

function makeEmpty(folder: string, group: number | undefined): void {
    mkdirSync(folder, { recursive: true });
    chownSync(folder, 0, group ?? 0);
    // Whoever the containers run as may write there; with a group, what they make is the group's.
    chmodSync(folder, group === undefined ? 0o777 : 0o2777);
}

function makeHostPath({ path, type }: { path: string; type: string }): void {
    if (type === "DirectoryOrCreate") mkdirSync(path, { recursive: true });
    if (type === "FileOrCreate") {
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, "", { flag: "a" });
    }
    if (statSync(path, { throwIfNoEntry: false }) === undefined) {
        throw new VolumeError(`hostPath type check failed: ${path} is not on this host`);
    }
}
