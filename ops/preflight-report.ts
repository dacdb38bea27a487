import type { Finding, HostReport } from "./preflight-finding.ts";

/** How a word is made to stand out. */
export type Paint = (style: "bold" | "dim" | "red" | "yellow" | "green", text: string) => string;

const HEADINGS = ["CLUSTER", "HOST", "ROLE", "ADDRESS"];

/** A whole preflight as a person reads it: a table of the hosts, then every refusal, then every warning. */
export function preflightReport(stack: string, reports: readonly HostReport[], paint: Paint): string {
    const clusters = new Set(reports.map(({ host }) => host.cluster.name)).size;
    return [
        paint("bold", `${stack}: ${count(reports.length, "host")} in ${count(clusters, "cluster")}`),
        table(reports, paint),
        ...findingTexts(reports, "refused", paint),
        ...findingTexts(reports, "warned", paint),
        verdict(reports, paint),
    ].join("\n\n");
}

/** Whether a host stops everything. */
export function isRefused({ findings }: HostReport): boolean {
    return findings.some(({ severity }) => severity === "refused");
}

function table(reports: readonly HostReport[], paint: Paint): string {
    const rows = reports.map(({ host: { cluster, node } }) => [
        cluster.name,
        node.name,
        node.role,
        node.ssh.host,
    ]);
    const widths = HEADINGS.map((heading, column) =>
        Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
    );
    const line = (row: readonly string[]) =>
        row.map((cell, column) => `${cell.padEnd(widths[column] ?? 0)}  `).join("");
    return [
        paint("dim", `${line(HEADINGS)}RESULT`),
        ...reports.map((report, index) => `${line(rows[index] ?? [])}${result(report, paint)}`),
    ].join("\n");
}

function result({ state, findings }: HostReport, paint: Paint): string {
    if (state === "lost") return paint("dim", "lost, not asked");
    const [refused, warned] = (["refused", "warned"] as const).map(
        (severity) => findings.filter((finding) => finding.severity === severity).length,
    );
    const parts = [
        ...(state === "not checked" ? [paint("red", "not checked")] : []),
        ...(refused ? [paint("red", `${refused} refused`)] : []),
        ...(warned ? [paint("yellow", `${warned} warned`)] : []),
    ];
    return parts.length === 0 ? paint("green", "ready") : parts.join(", ");
}

/** Each finding once, with all the hosts that have it, in the order in which they were found. */
function findingTexts(reports: readonly HostReport[], severity: Finding["severity"], paint: Paint): string[] {
    const found = reports.flatMap(({ host: { name: host }, findings }) =>
        findings.filter((finding) => finding.severity === severity).map((finding) => ({ host, finding })),
    );
    const groups = Map.groupBy(found, ({ finding: { name, needed, fix } }) =>
        JSON.stringify([name, needed, fix]),
    );
    return [...groups.values()].flatMap((group) => {
        const [first] = group;
        if (first === undefined) return [];
        const { name, needed, fix } = first.finding;
        const hosts = [...new Set(group.map(({ host }) => host))];
        const sign = severity === "refused" ? paint("red", `✖ ${name}`) : paint("yellow", `⚠ ${name}`);
        return [
            [
                `${sign} on ${hosts.join(", ")}`,
                ...foundLines(group),
                `    needed: ${needed}`,
                `    fix: ${fix}`,
            ].join("\n"),
        ];
    });
}

/** One line where all hosts have the same, else one for each thing that was found. */
function foundLines(group: readonly { readonly host: string; readonly finding: Finding }[]): string[] {
    const byText = [...Map.groupBy(group, ({ finding }) => finding.found)];
    return byText.map(([text, hosts]) =>
        byText.length === 1
            ? `    found: ${text}`
            : `    found on ${hosts.map(({ host }) => host).join(", ")}: ${text}`,
    );
}

function verdict(reports: readonly HostReport[], paint: Paint): string {
    const refused = reports.filter(isRefused).length;
    const asked = reports.filter(({ state }) => state !== "lost").length;
    return refused === 0
        ? paint("green", `${count(asked, "host")} ready; nothing was changed`)
        : paint("red", `${refused} of ${count(asked, "host")} refused; nothing was changed`);
}

/** `1 host`, `3 hosts` */
function count(number: number, noun: string): string {
    return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
