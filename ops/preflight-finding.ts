import type { Cluster, Node } from "../model/resolved.ts";

/** Something that a host does not have as it should. */
export interface Finding {
    /** Whether it stops everything. */
    readonly severity: "refused" | "warned";
    /** What was looked at, as `swap`: what a description may ignore. */
    readonly name: string;
    readonly found: string;
    readonly needed: string;
    readonly fix: string;
}

/** A described machine. */
export interface Host {
    readonly cluster: Cluster;
    readonly node: Node;
    /** What it is called in messages. */
    readonly name: string;
}

export interface LinkMtu {
    readonly link: string;
    readonly bytes: string;
}

/** What is known of a host. */
export interface HostReport {
    readonly host: Host;
    /** Whether its own checks were run; a host that is described as lost is not asked. */
    readonly state: "checked" | "not checked" | "lost";
    readonly findings: readonly Finding[];
    /** What the link of its first address carries, which means something only beside other hosts' links. @default - not known */
    readonly mtu?: LinkMtu;
}

/** What the host's script has printed. Lines of another form are what login scripts say. */
export function parseFindings(stdout: string): Pick<HostReport, "findings" | "mtu"> {
    const lines = stdout.split("\n").map((line) => line.split("\t"));
    const findings = lines.flatMap(([severity, name, found, needed, fix]): Finding[] =>
        (severity === "refused" || severity === "warned") && name !== undefined
            ? [{ severity, name, found: found ?? "", needed: needed ?? "", fix: fix ?? "" }]
            : [],
    );
    const [mtu] = lines.flatMap(([kind, name, link, bytes]) =>
        kind === "info" && name === "mtu" && link !== undefined && bytes !== undefined
            ? [{ link, bytes }]
            : [],
    );
    return { findings, ...(mtu === undefined ? {} : { mtu }) };
}
