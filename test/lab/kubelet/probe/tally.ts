import type { ProbeSpec } from "../pod/pod-object.ts";

/** What a probe says of a container. */
export type Verdict = "unknown" | "success" | "failure";

/** Counts answers, and changes its mind only after as many alike as the probe asks for. */
export class Tally {
    readonly #spec: Pick<ProbeSpec, "successThreshold" | "failureThreshold">;
    #last: boolean | undefined;
    #alike = 0;
    #verdict: Verdict = "unknown";

    constructor(spec: Pick<ProbeSpec, "successThreshold" | "failureThreshold">) {
        this.#spec = spec;
    }

    get verdict(): Verdict {
        return this.#verdict;
    }

    /** Takes one answer into account. */
    add(success: boolean): Verdict {
        this.#alike = success === this.#last ? this.#alike + 1 : 1;
        this.#last = success;
        const enough = success ? this.#spec.successThreshold : this.#spec.failureThreshold;
        if (this.#alike >= enough) this.#verdict = success ? "success" : "failure";
        return this.#verdict;
    }
}
