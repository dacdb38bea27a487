import { PREFLIGHT_SECONDS } from "../components/rke2/preflight.ts";
import type { Mesh } from "../model/resolved.ts";
import { clockFindings } from "./preflight-clock.ts";
import { parseFindings, type Finding, type Host, type HostReport } from "./preflight-finding.ts";
import { runFindings } from "./preflight-login.ts";
import { withMtuFindings } from "./preflight-mtu.ts";
import { atMost } from "./ssh/at-most.ts";
import { runAsRoot } from "./ssh/run-as-root.ts";
import type { OpenStack } from "./stack-secrets.ts";

/** How many hosts are asked at once. */
const HOSTS_AT_ONCE = 32;

export interface Preflight {
    readonly stack: OpenStack;
    /** The script that checks a host. */
    readonly scriptFor: (host: Host) => string;
    /** Called when a host has answered, or will not. */
    readonly onAnswer: (answered: number) => void;
}

/** The hosts of some clusters, in the order of the description: servers, then agents. */
export function hostsOf({ clusters }: Mesh, names: readonly string[]): Host[] {
    const nodes = clusters.flatMap((cluster) =>
        [...cluster.servers, ...cluster.agents].map((node) => ({ cluster, node })),
    );
    const isTaken = (name: string) => nodes.filter(({ node }) => node.name === name).length > 1;
    return nodes
        .filter(({ cluster }) => names.length === 0 || names.includes(cluster.name))
        .map(({ cluster, node }) => ({
            cluster,
            node,
            name: isTaken(node.name) ? `${cluster.name}/${node.name}` : node.name,
        }));
}

/** Checks hosts, side by side, and compares what they say. Nothing is changed on them. */
export async function checkHosts(hosts: readonly Host[], preflight: Preflight): Promise<HostReport[]> {
    let answered = 0;
    const reports = await atMost(HOSTS_AT_ONCE, hosts, async (host) => {
        const report = await checkHost(host, preflight);
        answered += 1;
        preflight.onAnswer(answered);
        return report;
    });
    return withMtuFindings(reports).map((report) => ({
        ...report,
        findings: report.findings.map((finding) => ignoring(report.host, finding)),
    }));
}

async function checkHost(host: Host, { stack, scriptFor }: Preflight): Promise<HostReport> {
    const { node, cluster } = host;
    if (node.lost || cluster.lost === true) return { host, state: "lost", findings: [] };
    const target = stack.target(node.ssh);
    const run = await runAsRoot({
        target,
        script: scriptFor(host),
        timeoutSeconds: PREFLIGHT_SECONDS,
    });
    const { findings, ...facts } = parseFindings(run.kind === "ended" ? run.stdout : "");
    const ownWords = findings.some(({ severity }) => severity === "refused");
    const failure =
        run.kind === "ended" && run.end.how === "exit" && ownWords ? [] : runFindings(run, node.ssh, target);
    return {
        host,
        state: failure.length === 0 ? "checked" : "not checked",
        findings: [...failure, ...findings, ...(run.kind === "ended" ? clockFindings(run.pieces) : [])],
        ...facts,
    };
}

/** What a description ignores stops nothing. That a host was not checked is no finding that it could name. */
function ignoring({ cluster }: Host, finding: Finding): Finding {
    return cluster.rke2.host.ignore.includes(finding.name) ? { ...finding, severity: "warned" } : finding;
}
