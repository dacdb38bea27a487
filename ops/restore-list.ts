import type { Cluster } from "../model/resolved.ts";
import type { Paint } from "./preflight-report.ts";
import { askHost } from "./restore-host.ts";
import { listScript } from "./restore-steps.ts";
import { atMost } from "./ssh/at-most.ts";
import type { OpenStack } from "./stack-secrets.ts";

/** How many servers are asked at once. */
const HOSTS_AT_ONCE = 8;

/** Which snapshots the servers of a cluster have, as a table; the second is whether all of them have answered. */
export async function snapshotList(
    stack: OpenStack,
    { servers, rke2 }: Cluster,
    paint: Paint,
): Promise<{ readonly text: string; readonly complete: boolean }> {
    const answers = await atMost(HOSTS_AT_ONCE, servers, async (server) =>
        server.lost
            ? { name: server.name, lost: true as const }
            : {
                  name: server.name,
                  lost: false as const,
                  answer: await askHost(stack, server, listScript(server.name)),
              },
    );
    const rows = answers.flatMap((one): string[][] => {
        if (one.lost) return [[one.name, "lost, not asked"]];
        if (!one.answer.done) return [[one.name, paint("red", "no answer")]];
        const found = snapshotsIn(one.answer.said);
        return found.length === 0
            ? [[one.name, "none"]]
            : found.map(({ name, bytes, date }) => [one.name, date, bytes, name]);
    });
    const failures = answers.flatMap((one) =>
        one.lost || one.answer.done ? [] : [`${paint("red", `✖ ${one.name}`)}: ${one.answer.why}`],
    );
    const bucket = rke2.snapshots?.s3;
    return {
        text: [
            table([["SERVER", "DATE (UTC)", "BYTES", "SNAPSHOT"], ...rows]),
            ...(bucket === undefined
                ? []
                : [`Those in the bucket ${bucket.bucket} are not listed; --from-s3 takes one by its name.`]),
            ...failures,
        ].join("\n"),
        complete: failures.length === 0,
    };
}

function snapshotsIn(said: string): { name: string; bytes: string; date: string }[] {
    return said.split("\n").flatMap((line) => {
        const [kind, date, bytes, name] = line.split("\t");
        return kind === "snapshot" && date !== undefined && bytes !== undefined && name !== undefined
            ? [{ name, bytes, date }]
            : [];
    });
}

/** Columns as wide as their longest cell; the last one of a line is as long as it is. */
function table(rows: readonly (readonly string[])[]): string {
    const widths = (rows[0] ?? []).map((_, column) =>
        Math.max(...rows.map((row) => (column === row.length - 1 ? 0 : (row[column]?.length ?? 0)))),
    );
    return rows
        .map((row) =>
            row
                .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0)))
                .join("  "),
        )
        .join("\n");
}
