import { parseArgs } from "node:util";

import type { Cluster, Mesh, Node } from "../model/resolved.ts";

export const USAGE = `Usage: npm run restore -- STACK CLUSTER --snapshot NAME [--on SERVER] [--from-s3] [--anew] [--yes]
       npm run restore -- STACK CLUSTER --list

Brings a cluster back to a snapshot of its etcd, on all of its servers, and shows each step before it is done.

  STACK            the environment: a module in stacks/
  CLUSTER          the cluster that is brought back
  --snapshot NAME  the snapshot: a name that --list shows, or the absolute path of a file on the server
  --on SERVER      the server that has it, and that the others join (default: the first described)
  --from-s3        the snapshot is in the bucket that the description names
  --anew           begin anew where an earlier run of the same restore ended half-way
  --yes            do not ask
  --list           only show which snapshots the servers have`;

/** A command line that cannot be meant. */
export class UsageError extends Error {}

/** What a command line asks for. */
export type RestoreCommand = { readonly stack: string; readonly cluster: string } & (
    | { readonly kind: "list" }
    | {
          readonly kind: "restore";
          readonly snapshot: string;
          readonly on?: string;
          readonly fromS3: boolean;
          readonly anew: boolean;
          readonly yes: boolean;
      }
);

/** Reads a command line, or fails with a `UsageError` that says what is wrong. */
export function restoreCommand(argv: readonly string[]): RestoreCommand {
    const { values, positionals } = parsed(argv);
    const [stack, cluster, ...more] = positionals;
    if (stack === undefined) throw new UsageError("no stack is named");
    if (cluster === undefined) throw new UsageError("no cluster is named");
    if (more.length > 0) throw new UsageError(`more than a stack and a cluster is named: ${more.join(" ")}`);
    const { snapshot, on, list, "from-s3": fromS3 = false, anew = false, yes = false } = values;
    if (list === true) {
        if (Object.keys(values).length > 1) throw new UsageError("--list goes with no other option");
        return { kind: "list", stack, cluster };
    }
    if (snapshot === undefined) throw new UsageError("no snapshot is named: --list shows which there are");
    if (!isSnapshot(snapshot, fromS3)) {
        throw new UsageError(
            fromS3
                ? `--snapshot ${snapshot}: in a bucket a snapshot has a name, without a folder`
                : `--snapshot ${snapshot}: must be a name that --list shows, or an absolute path`,
        );
    }
    return {
        kind: "restore",
        stack,
        cluster,
        snapshot,
        ...(on === undefined ? {} : { on }),
        ...{ fromS3, anew, yes },
    };
}

function parsed(argv: readonly string[]) {
    try {
        return parseArgs({
            args: [...argv],
            allowPositionals: true,
            strict: true,
            options: {
                snapshot: { type: "string" },
                on: { type: "string" },
                "from-s3": { type: "boolean" },
                anew: { type: "boolean" },
                yes: { type: "boolean" },
                list: { type: "boolean" },
            },
        });
    } catch (error) {
        throw new UsageError(error instanceof Error ? error.message : String(error));
    }
}

function isSnapshot(name: string, fromS3: boolean): boolean {
    // What a file's name may hold here is what RKE2 makes of one, and what people add.
    return (fromS3 ? /^[\w.+-]+$/ : /^(\/[\w.+/-]*)?[\w.+-]+$/).test(name) && !/^\.{1,2}$/.test(name);
}

/** The described cluster of a name. */
export function clusterOf({ clusters }: Mesh, stack: string, name: string): Cluster {
    const found = clusters.find((cluster) => cluster.name === name);
    if (found?.kubernetes !== undefined) {
        throw new UsageError(`${name} was there already, and its etcd is not this program's to restore`);
    }
    if (found !== undefined) return found;
    const known = clusters.map((cluster) => cluster.name).join(", ");
    throw new UsageError(`${stack} describes no cluster ${name}; there are: ${known}`);
}

/** The servers of a cluster that answer. */
export interface Servers {
    /** The one that has the snapshot. */
    readonly first: Node;
    /** The others, in the order of the description. */
    readonly others: readonly Node[];
}

/** Which server is restored, and which ones join it again. */
export function serversOf({ name, servers }: Cluster, on?: string): Servers {
    const there = servers.filter(({ lost }) => !lost);
    const names = there.map((server) => server.name).join(", ");
    const first = on === undefined ? there[0] : there.find((server) => server.name === on);
    if (first === undefined) {
        if (on === undefined) throw new UsageError(`every server of ${name} is described as lost`);
        const lost = servers.some((server) => server.name === on);
        throw new UsageError(
            `--on ${on}: ${lost ? "it is described as lost" : `${name} has no such server`}; there are: ${names}`,
        );
    }
    return { first, others: there.filter((server) => server !== first) };
}
