import type { Run } from "../../engine/engine.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import {
    begunSince,
    isWork,
    onCheckpoint,
    readCheckpoint,
    type Checkpoint,
    type Recorded,
} from "./checkpoint.ts";
import { installingNow, whenInstalling } from "./helm-watch.ts";
import { momentsOf, RELEASE, type Moment } from "./moment.ts";

/** What an `up` is killed for. */
export interface Cause {
    readonly urn: string;
    readonly moment: Moment;
}

/** One `up`. */
export interface KilledUp {
    /** Its status is `undefined` if it was killed. */
    readonly run: Run;
    /** None if it ended by itself. */
    readonly cause?: Cause;
    /** What it was creating when it was killed, by URN: the engine's own notes on disk. */
    readonly creating: readonly string[];
}

/** Kills one `up` after the other, until each step of the first deployment was killed at each of its moments. */
export class Killer {
    readonly #lab: LabMesh;
    readonly #program: string;
    /** The moments that are left, for each resource that was ever seen. */
    readonly #left = new Map<string, Moment[]>();

    constructor(lab: LabMesh, program: string) {
        this.#lab = lab;
        this.#program = program;
    }

    /** Runs `up`, and kills it at a step, at a moment at which that one was not yet killed. Without one left it ends by itself. */
    async up(): Promise<KilledUp> {
        const before = readCheckpoint(this.#lab);
        const installing = await this.#installing(before);
        /** What takes back the kill that is planned for a step, by URN. */
        const planned = new Map<string, () => void>();
        let cause: Cause | undefined;
        let kill: (() => void) | undefined;
        const killFor = (next: Cause) => {
            if (cause !== undefined || kill === undefined) return;
            cause = next;
            kill();
        };
        // The engine's notes, and not its events: those come up to 200 ms late.
        const stop = onCheckpoint(this.#lab, (checkpoint) => {
            if (kill === undefined) return;
            const begun = begunSince(before, checkpoint);
            for (const one of begun) {
                const [moment] = this.#leftOf(one);
                if (moment === undefined || planned.has(one.urn)) continue;
                const next = { urn: one.urn, moment };
                planned.set(
                    one.urn,
                    this.#plan(next, installing, () => {
                        killFor(next);
                    }),
                );
            }
            // What was quicker than anybody can look is killed right after it.
            const quick = checkpoint.resources.find((one) => isWork(one) && !this.#isKnown(one, before));
            if (quick !== undefined) killFor({ urn: quick.urn, moment: "ended" });
            for (const [urn, takeBack] of planned) {
                if (!begun.some((one) => one.urn === urn)) takeBack();
            }
        });
        try {
            const run = await this.#lab.attempt("up", {
                program: this.#program,
                onEvent: (_, byEngine) => {
                    kill = byEngine;
                },
            });
            if (run.status !== undefined) return { run, creating: [] };
            const creating = begunSince(before, readCheckpoint(this.#lab));
            this.#note(creating, cause);
            return {
                run,
                creating: creating.map(({ urn }) => urn),
                ...(cause === undefined ? {} : { cause }),
            };
        } finally {
            stop();
            for (const takeBack of planned.values()) takeBack();
        }
    }

    /** Gives what takes it back. */
    #plan(
        { urn, moment }: Cause,
        installing: ReadonlyMap<string, ReadonlySet<string>>,
        kill: () => void,
    ): () => void {
        if (moment === "installing") {
            const release = releaseOf(urn);
            return whenInstalling(this.#lab, { ...release, before: installing.get(urn) ?? new Set() }, kill);
        }
        if (moment === 0 || moment === "ended") {
            kill();
            return () => undefined;
        }
        const timer = setTimeout(kill, moment);
        return () => {
            clearTimeout(timer);
        };
    }

    #isKnown({ urn }: Recorded, before: Checkpoint): boolean {
        return this.#left.has(urn) || before.resources.some((one) => one.urn === urn);
    }

    #leftOf(one: Recorded): Moment[] {
        const left = this.#left.get(one.urn) ?? [...momentsOf(one)];
        this.#left.set(one.urn, left);
        return left;
    }

    /** All that was under way was killed, the others at a moment like that of the cause. */
    #note(creating: readonly Recorded[], cause: Cause | undefined): void {
        if (cause !== undefined) {
            const left = this.#left.get(cause.urn) ?? [];
            left.shift();
            this.#left.set(cause.urn, left);
        }
        for (const one of creating) {
            const left = this.#leftOf(one);
            if (one.urn !== cause?.urn && left[0] !== "installing") left.shift();
        }
    }

    /** Helm's records of installations that were cut off before, by the URN of the release. */
    async #installing({ creating }: Checkpoint): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
        const urns = creating.filter(({ type }) => type === RELEASE).map(({ urn }) => urn);
        return new Map(
            await Promise.all(
                [...new Set(urns)].map(
                    async (urn) => [urn, await installingNow(this.#lab, releaseOf(urn))] as const,
                ),
            ),
        );
    }
}

/** `<cluster>-<release>-chart` is what the program calls a release. */
function releaseOf(urn: string): { readonly cluster: string; readonly release: string } {
    const [, cluster, release] = /::([^:-]+)-([^:]+)-chart$/.exec(urn) ?? [];
    if (cluster === undefined || release === undefined)
        throw new Error(`${urn} is no release of a cluster's`);
    return { cluster, release };
}
