/*
 * Options that do not go together: Cilium's chart would not render, or its agents would exit with an error when they start,
 * and again and again. The table says which, and in which minor versions. From the templates (validate.yaml,
 * cilium-configmap.yaml) and the agents' sources (daemon/cmd, pkg/kpr, pkg/option, pkg/datapath) of 1.16.19, 1.17.16, 1.18.11,
 * 1.19.6 and 1.20.2. What holds for options between clusters, or needs more than a look at one, has a rule of its own.
 */
import { parseCidr, type Family } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Cilium } from "../resolved.ts";
import { AGENT_EXITS } from "./cilium-agent-exits.ts";
import { CHART_FAILS } from "./cilium-chart-fails.ts";
import { valueAt } from "../value-at.ts";
import { minorOf } from "./version.ts";

/** Options that do not go together. */
export interface Exit {
    /** What is wrong: an option, or a chart value that is passed through, as `values.l7Proxy`. */
    readonly path: string;
    /** The first minor version in which it is so. @default - all */
    readonly since?: number;
    /** The last one. @default - all */
    readonly until?: number;
    readonly found: (facts: Facts) => boolean;
    /** What is said of it, without its end. */
    readonly rule: string;
    readonly fix: string;
}

/** The options of one cluster that decide whether its agents start. */
export interface ExitOptions extends Pick<
    Cilium,
    "version" | "routing" | "masquerade" | "egressGateway" | "hubble"
> {
    readonly encryption: { readonly type: Cilium["encryption"]["type"] };
    readonly serviceLoadBalancing?: Cilium["serviceLoadBalancing"];
    readonly bandwidthManager?: Cilium["bandwidthManager"];
    readonly nat46x64?: boolean;
    readonly values?: Cilium["values"];
    readonly clusterId: number;
    readonly podCidrs: readonly string[];
}

/** The same options, and how to look at them. */
export interface Facts {
    readonly options: ExitOptions;
    /** The families that pods speak. */
    readonly families: readonly Family[];
    /** A chart value that is passed through. */
    readonly given: (path: string) => unknown;
    /** Whether one is true. */
    readonly on: (path: string) => boolean;
    /** Whether one is said to be false. */
    readonly off: (path: string) => boolean;
    /** Whether `extraConfig` sets an option of the agents to this. */
    readonly extra: (option: string, value: "true" | "false") => boolean;
}

/** Every option that would make the chart fail or the agents exit. `path` is put before the options' own. */
export function exitProblems(options: ExitOptions, path: string): Problem[] {
    const facts = factsOf(options);
    const told = (exits: readonly Exit[], end: string): Problem[] =>
        exits
            .filter((exit) => holdsIn(exit, minorOf(options.version)) && exit.found(facts))
            .map((exit) => {
                const value = valueAt(options, ...exit.path.split("."));
                return {
                    path: `${path}${exit.path}`,
                    ...(value === undefined ? {} : { value: show(value) }),
                    rule: `${exit.rule}: ${end}`,
                    fix: exit.fix,
                };
            });
    return [...told(AGENT_EXITS, "the agents would exit"), ...told(CHART_FAILS, "the chart would fail")];
}

/** Whether options do not go together in a minor version. */
export function holdsIn({ since = 0, until = Infinity }: Exit, minor: number): boolean {
    return since <= minor && minor <= until;
}

function factsOf(options: ExitOptions): Facts {
    const given = (path: string) => valueAt(options.values, ...path.split("."));
    const says = (path: string, word: "true" | "false") =>
        [word, word === "true"].some((said) => given(path) === said);
    return {
        options,
        families: options.podCidrs.flatMap((text) => parseCidr(text)?.family ?? []),
        given,
        on: (path) => says(path, "true"),
        off: (path) => says(path, "false"),
        extra: (option, value) => says(`extraConfig.${option}`, value),
    };
}
