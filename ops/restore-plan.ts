import type { Paint } from "./preflight-report.ts";
import type { RestoreStep } from "./restore-steps.ts";

/** What was found before anything is done. */
export interface RestorePlan {
    readonly stack: string;
    readonly cluster: string;
    /** The server that has the snapshot. */
    readonly first: string;
    readonly snapshot: string;
    /** What that server says of the snapshot. */
    readonly found: string;
    /** Since when an earlier run is under way. @default - this is the first */
    readonly begun?: string;
    readonly lost: readonly string[];
    readonly steps: readonly RestoreStep[];
}

/** Everything that a person should know before they say yes. */
export function restorePlan(plan: RestorePlan, paint: Paint): string {
    const { stack, cluster, first, snapshot, found, begun, lost, steps } = plan;
    const notes = [
        ...(begun === undefined
            ? []
            : [
                  `An earlier run has brought ${first} back to this snapshot, ${begun}, and did not come to its end. This one goes on from there: no server is reset or emptied twice. --anew begins from the start.`,
              ]),
        `${paint("yellow", "What is lost:")} everything that the API of ${cluster} has stored after the snapshot.`,
        `Pods on agents go on running meanwhile. Those on servers end, and the API does not answer until ${first} has begun again.`,
        ...(lost.length === 0
            ? []
            : [
                  `${lost.join(", ")}: described as lost, and not asked. Such a host must not come back with its old data: it would know another cluster.`,
              ]),
    ];
    return [
        paint("bold", `${stack}, cluster ${cluster}: back to the snapshot ${snapshot} on ${first}`),
        indented(found),
        "",
        "The steps, in this order:",
        ...stepLines(steps),
        "",
        ...notes,
    ].join("\n");
}

function stepLines(steps: readonly RestoreStep[]): string[] {
    const width = (texts: readonly string[]) => Math.max(...texts.map((text) => text.length));
    const hosts = width(steps.map(({ server }) => server.name));
    const names = width(steps.map(({ name }) => name));
    return steps.map(
        ({ name, server, text }, index) =>
            `  ${String(index + 1).padStart(2)}. ${name.padEnd(names)}  ${server.name.padEnd(hosts)}  ${text}`,
    );
}

/** `[2/8] stop on east-3: ...` */
export function stepHeading(
    { name, server, text }: RestoreStep,
    index: number,
    count: number,
    paint: Paint,
): string {
    return paint("bold", `[${index + 1}/${count}] ${name} on ${server.name}: ${text}`);
}

/** Why a restore ended before its end, and what to do. */
export function stepFailure(
    { name, server }: RestoreStep,
    index: number,
    steps: readonly RestoreStep[],
    why: string,
    paint: Paint,
): string {
    const left = steps.slice(index + 1).map(({ name, server }) => `${name} on ${server.name}`);
    const rest = left.length === 0 ? "" : `Not begun: ${left.join(", ")}. `;
    return [
        paint("red", `✖ ${name} on ${server.name} has failed`),
        indented(why),
        `${rest}When this is mended, run the same command again: what has been done is not done twice.`,
    ].join("\n");
}

/** What is left to a person once the servers run again. */
export function afterwards(
    { stack, cluster }: Pick<RestorePlan, "stack" | "cluster">,
    nodes: { readonly described: readonly string[]; readonly known: readonly string[] },
    paint: Paint,
): string {
    const missing = nodes.described.filter((name) => !nodes.known.includes(name));
    const unknown = nodes.known.filter((name) => !nodes.described.includes(name));
    return [
        paint("green", `${cluster} is what the snapshot holds`),
        ...(missing.length === 0
            ? []
            : [
                  `Not in the cluster, as they joined after the snapshot: ${missing.join(", ")}. Each comes back when RKE2 starts there again: systemctl restart rke2-agent`,
              ]),
        ...(unknown.length === 0
            ? []
            : [
                  `In the cluster again, and not described: ${unknown.join(", ")}. If they are gone for good: kubectl delete node ${unknown.join(" ")}`,
              ]),
        `Next: npm run up -- ${stack}`,
        "It changes nothing where the description is what it was at the time of the snapshot. What this program has put into the cluster since then is made again by: " +
            `npm run up -- ${stack} --refresh`,
    ].join("\n");
}

/** What a host said, below what it was asked. */
export function indented(text: string): string {
    return text
        .split("\n")
        .map((line) => (line === "" ? "" : `    ${line}`))
        .join("\n");
}
