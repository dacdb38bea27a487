import type { Machine, Run, RunOptions } from "./machine.ts";

/**
 * Runs, each of which is done once: what a run does depends on nothing but the script, what it is told, and what it finds. A
 * machine on which the same would be run in the same state becomes what the first one has become.
 */
export class KnownRuns {
    readonly #known = new Map<string, Promise<{ run: Run; left: Machine }>>();

    async run(
        machine: Machine,
        script: URL,
        variables: Readonly<Record<string, string>>,
        options: RunOptions = {},
    ): Promise<Run> {
        // What goes wrong, or is watched, is one of its kind.
        if (options.fault !== undefined || machine.keepsMoments) {
            return machine.run(script, variables, options);
        }
        const key = JSON.stringify([script.href, variables, options, machine.state()]);
        const known = this.#known.get(key);
        if (known !== undefined) {
            const { run, left } = await known;
            machine.become(left);
            return run;
        }
        const made = machine.run(script, variables, options).then((run) => ({ run, left: machine.copy() }));
        this.#known.set(key, made);
        return (await made).run;
    }

    async dispose(): Promise<void> {
        for (const known of this.#known.values()) (await known).left.dispose();
    }
}
