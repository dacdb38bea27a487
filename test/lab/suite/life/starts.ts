import type { LabMesh } from "../../mesh/lab-mesh.ts";

/** The last time that RKE2 began on a host, and when it was ready: RFC 3339, UTC, in milliseconds. Such texts sort as their times do. */
export interface Start {
    readonly host: string;
    readonly began: string;
    readonly ready: string;
    /** The release that began. */
    readonly version: string;
}

/** How RKE2 was started last on hosts, from their journals. */
export function lastStarts(lab: LabMesh, hosts: readonly string[]): Promise<Start[]> {
    return Promise.all(
        hosts.map(async (host) => {
            const units = ["-u", "rke2-server", "-u", "rke2-agent"];
            const { status, stdout, stderr } = await lab.onHost(host, ["journalctl", "--no-pager", ...units]);
            if (status !== 0) throw new Error(`reading the journal of ${host}: ${stderr.trim()}`);
            const began = [...stdout.matchAll(BEGAN)].at(-1);
            const ready = [...stdout.matchAll(READY)].at(-1);
            return { host, began: began?.[1] ?? "", ready: ready?.[1] ?? "", version: began?.[2] ?? "" };
        }),
    );
}

const BEGAN = /^.*time="([^"]+)" level=info msg="Starting rke2 (?:server|agent) (\S+)/gm;
const READY = /^.*time="([^"]+)" level=info msg="rke2 (?:agent )?is up and running"/gm;

/**
 * What contradicts that servers were started one after the other, each once the one before was ready, and agents after all of
 * them: a sentence each.
 */
export function disorder(servers: readonly Start[], agents: readonly Start[]): string[] {
    const last = servers.at(-1);
    const pairs = [
        ...servers.slice(1).map((start, index) => [servers[index], start] as const),
        ...agents.map((start) => [last, start] as const),
    ];
    return pairs.flatMap(([before, after]) =>
        before !== undefined && before.ready < after.began
            ? []
            : [
                  `${after.host} began at ${after.began}, ${before?.host ?? "no server"} was ready at ${before?.ready ?? "no time"}`,
              ],
    );
}
