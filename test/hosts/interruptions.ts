import type { Fault, Machine, Run } from "./machine.ts";

/** A run that is interrupted, and what is to be known of it. */
interface Args<Look, After> {
    readonly run: (on: Machine, how: { fault?: Fault }) => Promise<Run>;
    /** What can go wrong at one of its calls. */
    readonly kinds: (call: string) => readonly Fault["kind"][];
    /** What the machine is when nothing has interrupted it. */
    readonly look: (on: Machine) => Look;
    /** What comes next on a machine where it was interrupted. */
    readonly next: (on: Machine) => Promise<After>;
}

interface Interruption<After> {
    readonly fault: Fault;
    /** How the interrupted run ended. One that is lost does not end well. */
    readonly first: Pick<Run, "code" | "calls">;
    readonly after: After;
}

interface Interruptions<Look, After> {
    readonly whole: Look;
    readonly interrupted: readonly Interruption<After>[];
}

/**
 * Interrupts a run at each of its calls, and goes on from what is left. A machine that is lost at a call is left with what it
 * had at that moment: one whole run shows all of these, and only a call that fails needs a run of its own. What comes next
 * depends on nothing but what it finds: where two interruptions leave the same, it is done once.
 */
export async function interrupt<Look, After>(
    start: Machine,
    { run, kinds, look, next }: Args<Look, After>,
): Promise<Interruptions<Look, After>> {
    const whole = start.copy();
    whole.keepMoments();
    const { calls } = await run(whole, {});
    const faults = calls.flatMap((call, index) =>
        kinds(call).map((kind): Fault => ({ kind, at: index + 1 })),
    );
    const known = new Map<string, Promise<After>>();
    const goOn = (on: Machine): Promise<After> => {
        const state = on.state();
        const after = known.get(state) ?? next(on);
        known.set(state, after);
        return after;
    };
    const interrupted = await all(faults, async (fault): Promise<Interruption<After>> => {
        const fails = fault.kind === "fail";
        const on = fails ? start.copy() : whole.moment(fault);
        const first = fails ? await run(on, { fault }) : { code: null, calls: calls.slice(0, fault.at) };
        const after = await goOn(on);
        on.dispose();
        return { fault, first, after };
    });
    const result = { whole: look(whole), interrupted };
    whole.dispose();
    return result;
}

/** Some at a time, as most of the time they wait for processes. */
async function all<Item, Result>(
    items: readonly Item[],
    work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
    const results: Result[] = [];
    const queue = items.entries();
    const worker = async () => {
        for (const [index, item] of queue) results[index] = await work(item);
    };
    await Promise.all([worker(), worker(), worker()]);
    return results;
}
