import { describe, expect, test } from "vitest";

import type { ContainerState, PodContainer } from "../container/container-state.ts";
import { PodAddresses } from "../network/addresses.ts";
import { podObject } from "./pod-fixture.ts";
import { conditionsOf, phaseOf, statusOf, type PodFacts } from "./pod-status.ts";

const TIMES = {
    startedAt: "2026-01-01T00:00:00Z",
    finishedAt: "2026-01-01T00:00:01Z",
    containerID: "lab://1",
};
const RUNNING: ContainerState = { kind: "running", startedAt: TIMES.startedAt };
const WAITING: ContainerState = { kind: "waiting", reason: "PodInitializing" };
const ended = (exitCode: number): ContainerState => ({
    kind: "terminated",
    ended: { exitCode, reason: exitCode === 0 ? "Completed" : "Error", ...TIMES },
});

function container(state: ContainerState, ready = false, restartCount = 0): PodContainer {
    return {
        name: "one",
        image: "image",
        state,
        ready,
        started: state.kind === "running",
        record: { restartCount, containerID: "", startedAt: "", ready },
        run: () => Promise.resolve(),
        end: () => undefined,
    };
}

function facts(init: PodContainer[], containers: PodContainer[], more: Partial<PodFacts> = {}): PodFacts {
    return {
        pod: podObject(),
        init,
        containers,
        podIp: "10.101.0.2",
        nodeIp: "10.88.1.11",
        startTime: TIMES.startedAt,
        missing: "",
        ending: false,
        ...more,
    };
}

describe("the phase of a pod", () => {
    const never = podObject({ restartPolicy: "Never" });
    test.each([
        ["Pending", facts([], [container(WAITING)])],
        ["Pending", facts([container(RUNNING)], [container(WAITING)])],
        ["Running", facts([container(ended(0), true)], [container(RUNNING)])],
        ["Running", facts([], [container(WAITING, false, 2)])],
        ["Running", facts([], [container(ended(1))])],
        ["Succeeded", facts([], [container(ended(0))], { pod: never })],
        ["Failed", facts([], [container(ended(0)), container(ended(2))], { pod: never })],
        ["Failed", facts([container(ended(1))], [container(WAITING)], { pod: never })],
    ])("is %s", (phase, of) => {
        expect(phaseOf(of)).toBe(phase);
    });
});

describe("a pod", () => {
    const ready = (of: PodFacts) => conditionsOf(of).find(({ type }) => type === "Ready");

    test("is Ready when each container is", () => {
        expect(ready(facts([], [container(RUNNING, true)]))).toEqual({ type: "Ready", status: "True" });
        expect(ready(facts([], [container(RUNNING, true), container(RUNNING)]))).toMatchObject({
            status: "False",
            message: "containers with unready status: [one]",
        });
    });

    test("says what it waits for", () => {
        const missing = 'secret "x" not found';
        expect(statusOf(facts([], [container(WAITING)], { missing, podIp: "" }))).toMatchObject({
            phase: "Pending",
            hostIP: "10.88.1.11",
            containerStatuses: [{ state: { waiting: { reason: "ContainerCreating", message: missing } } }],
        });
    });
});

describe("the addresses of pods", () => {
    test("are the first free ones of the node's range", () => {
        const addresses = new PodAddresses();
        addresses.reserve("a", "10.101.0.3");
        expect(addresses.take("b", "10.101.0.0/24")).toBe("10.101.0.2");
        expect(addresses.take("c", "10.101.0.0/24")).toBe("10.101.0.4");
        expect(addresses.take("b", "10.101.0.0/24")).toBe("10.101.0.2");
        addresses.release("a");
        expect(addresses.take("d", "10.101.0.0/24")).toBe("10.101.0.3");
    });

    test("can run out", () => {
        const addresses = new PodAddresses();
        addresses.take("a", "10.101.0.0/30");
        expect(() => addresses.take("b", "10.101.0.0/30")).toThrow(
            "every address of the node's range 10.101.0.0/30 is taken",
        );
    });
});
