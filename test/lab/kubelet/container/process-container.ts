import { randomUUID } from "node:crypto";
import { constants } from "node:os";

import { Backoff } from "../backoff.ts";
import { reason, say } from "../log.ts";
import { pause } from "../pause.ts";
import type { ContainerSpec } from "../pod/pod-object.ts";
import { probe } from "../probe/probing.ts";
import { timestamp } from "../timestamp.ts";
import {
    CONTAINER_RECORD,
    type ContainerRecord,
    type ContainerState,
    type Ended,
    type PodContainer,
} from "./container-state.ts";
import { logTail } from "./log-tail.ts";
import { adoptProcess, signalGroup, type Exit, type LiveProcess } from "./live-process.ts";

/** What a container that is a process is run with. */
export interface ProcessContainerArgs {
    readonly spec: ContainerSpec;
    /** As `kube-system/pod/container`. */
    readonly title: string;
    readonly podIp: () => string;
    readonly record: ContainerRecord | undefined;
    readonly isInit: boolean;
    readonly restartPolicy: string;
    readonly graceSeconds: number;
    readonly log: string;
    readonly start: () => Promise<LiveProcess>;
    readonly changed: () => void;
}

/** After so long, a container that ends is no longer one that cannot start. */
const STABLE_MS = 60_000;
const CONFIG_AGAIN_MS = 1_000;

/** A container whose program really runs. */
export class ProcessContainer implements PodContainer {
    readonly #args: ProcessContainerArgs;
    readonly #ending = new AbortController();
    readonly #backoff = new Backoff(1_000, 10_000);
    #graceSeconds = Infinity;
    #current: LiveProcess | undefined;
    #state: ContainerState;
    #started = false;
    #ready = false;
    #record: ContainerRecord;

    constructor(args: ProcessContainerArgs) {
        this.#args = args;
        this.#record = args.record ?? CONTAINER_RECORD.parse({ restartCount: 0 });
        const { ended } = this.#record;
        this.#state =
            ended === undefined
                ? { kind: "waiting", reason: "PodInitializing" }
                : { kind: "terminated", ended };
    }

    get name(): string {
        return this.#args.spec.name;
    }

    get image(): string {
        return this.#args.spec.image;
    }

    get state(): ContainerState {
        return this.#state;
    }

    get started(): boolean {
        return this.#started;
    }

    get ready(): boolean {
        return this.#args.isInit ? this.#isDone() : this.#ready;
    }

    get record(): ContainerRecord {
        return this.#record;
    }

    async run(): Promise<void> {
        while (!this.#isEnding() && !this.#isDone()) {
            const adopted = this.#adopt();
            if (adopted === undefined && this.#isDone()) break;
            const process = adopted ?? (await this.#start());
            if (process === undefined) continue;
            await this.#attend(process);
            if (this.#isEnding() || this.#isDone()) break;
            await this.#waitToRestart();
        }
    }

    end(graceSeconds: number): void {
        this.#graceSeconds = Math.min(this.#graceSeconds, graceSeconds);
        this.#ending.abort();
        if (this.#current !== undefined) void stop(this.#current, this.#graceSeconds);
    }

    /** Read anew each time: it may change during any wait. */
    #isEnding(): boolean {
        return this.#ending.signal.aborted;
    }

    /** Whether it has ended and is not to run again. */
    #isDone(): boolean {
        if (this.#state.kind !== "terminated") return false;
        const { isInit, restartPolicy } = this.#args;
        const succeeded = this.#state.ended.exitCode === 0;
        if (restartPolicy === "Never" || this.#isEnding()) return true;
        return succeeded && (isInit || restartPolicy === "OnFailure");
    }

    /** The process of an earlier kubelet. If it has ended meanwhile, nobody knows how. */
    #adopt(): LiveProcess | undefined {
        const { process: id, startedAt } = this.#record;
        if (id === undefined || this.#current !== undefined) return undefined;
        const process = adoptProcess(id);
        if (process === undefined) {
            this.#setEnded({ code: undefined, signal: undefined });
            return undefined;
        }
        say(`${this.#args.title}: runs already, as process ${id.pid}`);
        this.#state = { kind: "running", startedAt };
        this.#started = this.#ready = this.#record.ready;
        return process;
    }

    async #start(): Promise<LiveProcess | undefined> {
        const { ended, restartCount } = this.#record;
        try {
            const process = await this.#args.start();
            const startedAt = timestamp();
            this.#record = {
                restartCount: ended === undefined ? restartCount : restartCount + 1,
                containerID: `lab://${randomUUID()}`,
                startedAt,
                ready: false,
                process: process.id,
                ...(ended === undefined ? {} : { endedBefore: ended }),
            };
            this.#state = { kind: "running", startedAt };
            say(`${this.#args.title}: started as process ${process.id.pid}`);
            return process;
        } catch (error) {
            this.#setWaiting("CreateContainerConfigError", reason(error));
            await pause(CONFIG_AGAIN_MS, this.#ending.signal);
            return undefined;
        }
    }

    /** Asks the probes of a process until it has ended. */
    async #attend(process: LiveProcess): Promise<void> {
        const { spec, title, podIp, isInit, graceSeconds } = this.#args;
        const since = Date.now();
        const over = new AbortController();
        this.#current = process;
        this.#args.changed();
        if (this.#isEnding()) void stop(process, this.#graceSeconds);
        const probing = isInit
            ? Promise.resolve()
            : probe(
                  spec,
                  { podIp: podIp(), ports: spec.ports, pid: process.id.pid },
                  {
                      title,
                      started: () => {
                          this.#set({ started: true, ready: this.#ready });
                      },
                      ready: (ready) => {
                          this.#set({ started: true, ready: ready && !this.#isEnding() });
                      },
                      unwell: (which, why) => {
                          say(`${title}: failed its ${which} probe and is ended: ${why}`);
                          void stop(process, graceSeconds);
                      },
                  },
                  over.signal,
              );
        const exit = await process.exited;
        over.abort();
        await probing;
        this.#current = undefined;
        if (Date.now() - since > STABLE_MS) this.#backoff.reset();
        this.#setEnded(exit);
    }

    async #waitToRestart(): Promise<void> {
        const wait = this.#backoff.next();
        const { name } = this.#args.spec;
        this.#setWaiting("CrashLoopBackOff", `back-off ${wait / 1000}s restarting failed container=${name}`);
        await pause(wait, this.#ending.signal);
    }

    #set({ started, ready }: { started: boolean; ready: boolean }): void {
        if (started === this.#started && ready === this.#ready) return;
        this.#started = started;
        this.#ready = ready;
        this.#record = { ...this.#record, ready };
        this.#args.changed();
    }

    #setWaiting(why: string, message: string): void {
        if (this.#state.kind === "waiting" && this.#state.message === message) return;
        say(`${this.#args.title}: ${why}: ${message}`);
        this.#state = { kind: "waiting", reason: why, message };
        this.#args.changed();
    }

    #setEnded(exit: Exit): void {
        const { containerID, startedAt, restartCount, endedBefore } = this.#record;
        const ended: Ended = { ...this.#outcome(exit), startedAt, finishedAt: timestamp(), containerID };
        say(`${this.#args.title}: ended with exit code ${ended.exitCode} (${ended.reason})`);
        this.#record = {
            restartCount,
            containerID,
            startedAt,
            ready: false,
            ended,
            ...(endedBefore === undefined ? {} : { endedBefore }),
        };
        this.#state = { kind: "terminated", ended };
        this.#started = false;
        this.#ready = false;
        this.#args.changed();
    }

    #outcome({ code, signal }: Exit): Pick<Ended, "exitCode" | "reason" | "message"> {
        if (code === undefined && signal === undefined) {
            const message = "The process ended while no kubelet saw it";
            return { exitCode: 137, reason: "ContainerStatusUnknown", message };
        }
        const exitCode = code ?? 128 + (signal === undefined ? 0 : constants.signals[signal]);
        if (exitCode === 0) return { exitCode, reason: "Completed" };
        const fromLog = this.#args.spec.terminationMessagePolicy === "FallbackToLogsOnError";
        return { exitCode, reason: "Error", ...(fromLog ? { message: logTail(this.#args.log) } : {}) };
    }
}

/** Asks a process to end, and makes it end when its time is up. */
async function stop(process: LiveProcess, graceSeconds: number): Promise<void> {
    const over = new AbortController();
    if (graceSeconds > 0) {
        signalGroup(process.id, "SIGTERM");
        void process.exited.then(() => {
            over.abort();
        });
        await pause(graceSeconds * 1000, over.signal);
    }
    signalGroup(process.id, "SIGKILL");
}
