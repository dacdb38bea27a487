import type { ContainerState, PodContainer } from "../container/container-state.ts";
import type { PodObject } from "./pod-object.ts";

/** What a pod's status is made of. */
export interface PodFacts {
    readonly pod: PodObject;
    readonly init: readonly PodContainer[];
    readonly containers: readonly PodContainer[];
    readonly podIp: string;
    readonly nodeIp: string;
    readonly startTime: string;
    /** Why nothing has started yet, if something is still missing. */
    readonly missing: string;
    /** Whether the pod is to go. */
    readonly ending: boolean;
}

/** One line of a pod's health. */
export interface PodCondition {
    readonly type: string;
    readonly status: "True" | "False";
    readonly reason?: string;
    readonly message?: string;
}

/** The phase of a pod. */
export type Phase = "Pending" | "Running" | "Succeeded" | "Failed";

/** How far a pod has come. */
export function phaseOf({ pod, init, containers, ending }: PodFacts): Phase {
    const { restartPolicy } = pod.spec;
    const ended = (container: PodContainer) =>
        container.state.kind === "terminated" ? container.state.ended.exitCode : undefined;
    if (restartPolicy === "Never" && init.some((container) => (ended(container) ?? 0) !== 0)) return "Failed";
    if (init.some((container) => ended(container) !== 0)) return "Pending";
    const codes = containers.map(ended);
    if (codes.every((code) => code !== undefined) && (restartPolicy !== "Always" || ending)) {
        return codes.every((code) => code === 0) ? "Succeeded" : "Failed";
    }
    const begun = containers.some(
        ({ state, record }) =>
            state.kind !== "waiting" || record.ended !== undefined || record.restartCount > 0,
    );
    return begun ? "Running" : "Pending";
}

/** What a kubelet says of the health of a pod. */
export function conditionsOf(facts: PodFacts): PodCondition[] {
    const { init, containers, podIp } = facts;
    const over = phaseOf(facts) === "Succeeded";
    const isInitialized = init.every(({ ready }) => ready);
    const unready = containers.filter(({ ready }) => !ready).map(({ name }) => name);
    const areReady = unready.length === 0;
    const readiness = (type: string): PodCondition => {
        if (areReady && !over) return { type, status: "True" };
        if (over) return { type, status: "False", reason: "PodCompleted" };
        const message = `containers with unready status: [${unready.join(" ")}]`;
        return { type, status: "False", reason: "ContainersNotReady", message };
    };
    return [
        { type: "PodReadyToStartContainers", status: podIp === "" ? "False" : "True" },
        isInitialized
            ? { type: "Initialized", status: "True" }
            : { type: "Initialized", status: "False", reason: "ContainersNotInitialized" },
        readiness("Ready"),
        readiness("ContainersReady"),
        { type: "PodScheduled", status: "True" },
    ];
}

/** In a strategic merge, lists of addresses grow otherwise. */
const REPLACE = { $patch: "replace" } as const;

/** The status of a pod as a patch, without the times of its conditions. */
export function statusOf(facts: PodFacts): Readonly<Record<string, unknown>> {
    const { init, containers, podIp, nodeIp, startTime, missing } = facts;
    const waiting = init.length > 0 ? "PodInitializing" : "ContainerCreating";
    return {
        phase: phaseOf(facts),
        startTime,
        hostIP: nodeIp,
        hostIPs: [REPLACE, { ip: nodeIp }],
        ...(podIp === "" ? {} : { podIP: podIp, podIPs: [REPLACE, { ip: podIp }] }),
        ...(init.length === 0
            ? {}
            : { initContainerStatuses: init.map((one) => containerStatus(one, missing, "PodInitializing")) }),
        containerStatuses: containers.map((one) =>
            containerStatus(one, missing, missing === "" ? waiting : "ContainerCreating"),
        ),
    };
}

function containerStatus(container: PodContainer, missing: string, waiting: string): unknown {
    const { name, image, state, started, ready, record } = container;
    const last = state.kind === "terminated" ? record.endedBefore : (record.ended ?? record.endedBefore);
    return {
        name,
        image,
        imageID: image,
        containerID: record.containerID,
        restartCount: record.restartCount,
        ready,
        started,
        state: stateOf(state, missing, waiting),
        lastState: last === undefined ? {} : { terminated: last },
    };
}

function stateOf(state: ContainerState, missing: string, waiting: string): unknown {
    switch (state.kind) {
        case "running":
            return { running: { startedAt: state.startedAt } };
        case "terminated":
            return { terminated: state.ended };
        case "waiting":
            if (missing !== "") return { waiting: { reason: waiting, message: missing } };
            return {
                waiting: {
                    reason: state.reason === "PodInitializing" ? waiting : state.reason,
                    ...(state.message === undefined ? {} : { message: state.message }),
                },
            };
    }
}
