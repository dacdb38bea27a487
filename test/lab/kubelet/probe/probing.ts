import { reason, say } from "../log.ts";
import { pause } from "../pause.ts";
import type { ContainerSpec, ProbeSpec } from "../pod/pod-object.ts";
import { attempt, type ProbeTarget } from "./attempt.ts";
import { Tally, type Verdict } from "./tally.ts";

/** A container that has not been ready yet is asked more often than a real kubelet does, so that a lab is up sooner. */
const FIRST_PERIOD_SECONDS = 1;

/** What is done with the answers of a container's probes. */
export interface ProbeListener {
    readonly title: string;
    started(): void;
    ready(ready: boolean): void;
    /** The container is not well and has to go. */
    unwell(which: string, why: string): void;
}

/** Asks a running container's probes until the signal aborts: startup first, then readiness and liveness. */
export async function probe(
    { startupProbe, readinessProbe, livenessProbe }: ContainerSpec,
    target: ProbeTarget,
    listener: ProbeListener,
    signal: AbortSignal,
): Promise<void> {
    if (startupProbe !== undefined) {
        const started = await repeat(startupProbe, target, signal, (verdict, why) => {
            if (verdict === "failure") listener.unwell("startup", why);
            return verdict === "unknown";
        });
        if (started !== "success") return;
    }
    listener.started();
    const ready = async () => {
        if (readinessProbe === undefined) {
            listener.ready(true);
            return;
        }
        let before: Verdict = "unknown";
        let hasBeenReady = false;
        const period = () => (hasBeenReady ? readinessProbe.periodSeconds : FIRST_PERIOD_SECONDS);
        await repeat(
            readinessProbe,
            target,
            signal,
            (verdict, why) => {
                if (verdict !== before && why !== "") say(`${listener.title}: not ready: ${why}`);
                before = verdict;
                hasBeenReady ||= verdict === "success";
                if (verdict !== "unknown") listener.ready(verdict === "success");
                return true;
            },
            period,
        );
    };
    const live = async () => {
        if (livenessProbe === undefined) return;
        await repeat(livenessProbe, target, signal, (verdict, why) => {
            if (verdict === "failure") listener.unwell("liveness", why);
            return verdict !== "failure";
        });
    };
    await Promise.all([ready(), live()]);
}

/** Asks one probe again and again, until `goOn` says no. */
async function repeat(
    spec: ProbeSpec,
    target: ProbeTarget,
    signal: AbortSignal,
    goOn: (verdict: Verdict, why: string) => boolean,
    periodSeconds = () => spec.periodSeconds,
): Promise<Verdict> {
    const tally = new Tally(spec);
    await pause(spec.initialDelaySeconds * 1000, signal);
    while (!signal.aborted) {
        let why = "";
        try {
            await attempt(spec, target);
        } catch (error) {
            why = reason(error);
        }
        const verdict = tally.add(why === "");
        if (isOver(signal) || !goOn(verdict, why)) break;
        await pause(periodSeconds() * 1000, signal);
    }
    return tally.verdict;
}

/** Read anew: it may have changed while a probe was asked. */
function isOver(signal: AbortSignal): boolean {
    return signal.aborted;
}
