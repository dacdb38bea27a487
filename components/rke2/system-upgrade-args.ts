import type { Install } from "../../model/resolved.ts";
import type { ServerGatekeeper } from "../gate/wait-for.ts";

/** The release of the controller that this program knows. */
export const CONTROLLER_VERSION = "v0.20.1";

/** Where the images come from; mirrors of registries.yaml hold for them as for all others. */
export interface SystemUpgradeImages {
    /** The controller, without a tag. @default "rancher/system-upgrade-controller" */
    readonly controller?: string;
    /** RKE2's binary and the script that puts it in place, without a tag. @default "rancher/rke2-upgrade" */
    readonly upgrade?: string;
    /** What cordons and drains, with its tag. @default "rancher/kubectl:v1.30.3" */
    readonly kubectl?: string;
}

export interface SystemUpgradeArgs {
    /** The RKE2 release that all nodes are to run, as `v1.35.7+rke2r1`. */
    readonly version: string;
    /** How RKE2 came onto the hosts: the controller changes a binary below /usr/local and nothing else. */
    readonly install: Pick<Install, "method">;
    /** The names of the servers. With others, the nodes are looked at again. */
    readonly servers: readonly string[];
    /** The names of the agents. */
    readonly agents: readonly string[];
    /** What happens to a node's pods before its RKE2 is changed. */
    readonly evict: "none" | "cordon" | "drain";
    /** How long draining a node may take. */
    readonly drainSeconds: number;
    /** How many agents are upgraded at once; servers are one by one. */
    readonly agentsAtOnce: number;
    /** The controller's release, v0.15.0 or later. @default "v0.20.1" */
    readonly controllerVersion?: string;
    /** Other images. @default - those of Docker Hub */
    readonly images?: SystemUpgradeImages;
    /** Who tells when the controller runs, and when the nodes are upgraded. Its time limit is for the controller. */
    readonly gatekeeper: ServerGatekeeper;
}

/** A release as tags of images and labels have it: without `+`. */
export function tagOf(version: string): string {
    return version.replaceAll("+", "-");
}
