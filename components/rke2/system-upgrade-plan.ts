import { bashScript } from "../host/bash.ts";
import { tagOf, type SystemUpgradeArgs } from "./system-upgrade-args.ts";

/** As whom jobs work. */
export const JOB_ACCOUNT = "system-upgrade";

/** Servers, as RKE2 labels them. The older label `master` is gone since 1.34. */
export const SERVERS = { key: "node-role.kubernetes.io/control-plane", value: "true" } as const;

/** How long a node may wait for those before it to come back. */
const PREPARE_SECONDS = 600;

/** How long the image may take to be pulled, and the binary to be put in place. */
const CHANGE_SECONDS = 600;

/** The two Plans. What they are called is part of the label that the controller puts on nodes. */
export type PlanName = "servers" | "agents";

/** How long one node may take. */
function nodeSeconds({ evict, drainSeconds }: SystemUpgradeArgs): number {
    return PREPARE_SECONDS + CHANGE_SECONDS + (evict === "drain" ? drainSeconds : 0);
}

/** How long a Plan may take for all its nodes. */
export function planSeconds(plan: PlanName, args: SystemUpgradeArgs): number {
    const turns =
        plan === "servers" ? args.servers.length : Math.ceil(args.agents.length / args.agentsAtOnce);
    return turns * nodeSeconds(args) + 600;
}

/** A Plan: to which nodes a job comes, and what it does there. */
export function planSpec(plan: PlanName, args: SystemUpgradeArgs) {
    const { version, agentsAtOnce, images: { upgrade = "rancher/rke2-upgrade" } = {} } = args;
    const image = `${upgrade}:${tagOf(version)}`;
    return {
        version,
        concurrency: plan === "servers" ? 1 : agentsAtOnce,
        nodeSelector: {
            matchExpressions: [
                { key: SERVERS.key, operator: plan === "servers" ? "Exists" : "DoesNotExist" },
                // Given by scripts/system-upgrade-nodes.sh, to those that do not run the release.
                { key: "multicluster/upgrade-to", operator: "In", values: [tagOf(version)] },
            ],
        },
        serviceAccountName: JOB_ACCOUNT,
        // A job must come to its node whatever keeps other pods away.
        tolerations: [{ operator: "Exists" }],
        // None: the controller leaves a job alone for ever that is over and has not done its work.
        jobActiveDeadlineSecs: 0,
        prepare: {
            image,
            command: ["bash", "-euo", "pipefail", "-c"],
            args: [prepareScript(version)],
        },
        ...eviction(args),
        upgrade: { image },
    };
}

function prepareScript(version: string): string {
    return bashScript(new URL("scripts/system-upgrade-prepare.sh", import.meta.url), {
        VERSION: version,
        SECONDS_MAX: String(PREPARE_SECONDS),
    });
}

function eviction({ evict, drainSeconds }: SystemUpgradeArgs) {
    switch (evict) {
        case "none":
            return {};
        case "cordon":
            return { cordon: true };
        case "drain":
            return {
                drain: {
                    timeout: `${drainSeconds}s`,
                    // Pods that nothing makes again go too, within their disruption budgets, as when this program drains a node.
                    force: true,
                    deleteEmptydirData: true,
                    ignoreDaemonSets: true,
                },
            };
    }
}
