import type { Finding, HostReport } from "./preflight-finding.ts";

/** More names than this are counted, not listed. */
const MOST_NAMES = 3;

/** The reports of all hosts, with what is wrong with an MTU that differs within a cluster. */
export function withMtuFindings(reports: readonly HostReport[]): HostReport[] {
    const clusters = Map.groupBy(reports, ({ host }) => host.cluster.name);
    return reports.map((report) => {
        const findings = mtuFindings(report, clusters.get(report.host.cluster.name) ?? []);
        return { ...report, findings: [...report.findings, ...findings] };
    });
}

function mtuFindings(report: HostReport, cluster: readonly HostReport[]): Finding[] {
    const own = report.mtu;
    const groups = Map.groupBy(
        cluster.filter(({ mtu }) => mtu !== undefined),
        ({ mtu }) => mtu?.bytes,
    );
    // Of two values that are as frequent the first described counts: sorting keeps their order.
    const [most] = [...groups].sort(([, a], [, b]) => b.length - a.length);
    if (own === undefined || most === undefined || most[0] === own.bytes) return [];
    const [bytes, others] = most;
    const names = others.map(({ host }) => host.name);
    return [
        {
            severity: "refused",
            name: "mtu",
            found: `${own.bytes} on ${own.link}`,
            needed: `${bytes}, as on ${names.length > MOST_NAMES ? `${names.length} nodes` : names.join(", ")}: on one network the larger packets get lost without a word`,
            fix: "give all nodes of a cluster the same MTU, in the configuration of the link that stays",
        },
    ];
}
