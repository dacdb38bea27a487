import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { hostScript } from "../host/host-script.ts";
import type { SshArgs } from "../host/ssh-args.ts";

/** A step that changes many nodes, each of which may take its time to be drained, has time for this many. */
const DRAINED_AT_ONCE = 5;

export interface MembersArgs {
    /** How the first of `nodes` is reached. */
    readonly ssh: SshArgs;
    /** The names of the nodes that the cluster is to have; the first is a server, which takes the others out. */
    readonly nodes: readonly string[];
    /** The names of those whose hosts no longer answer. They are not drained. */
    readonly lost: readonly string[];
    /** Whether nodes that go are drained: with `none` their pods end with them. */
    readonly evict: "none" | "cordon" | "drain";
    /** How long draining a node may take. */
    readonly drainSeconds: number;
}

/**
 * Takes the nodes out of a cluster that it was described with before and is no longer, servers last, one after the other. Their
 * hosts are cleaned after that, when the engine deletes their own steps. With the cluster's first nodes it only notes them.
 */
export function members(
    name: string,
    { ssh, nodes, lost, evict, drainSeconds }: MembersArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): remote.Command {
    const [server] = nodes;
    if (server === undefined) {
        throw new pulumi.ResourceError(`${name}: a cluster needs a node that stays`, opts.parent, true);
    }
    const seconds = 1200 + DRAINED_AT_ONCE * drainSeconds;
    return hostScript(
        name,
        {
            ssh,
            file: new URL("scripts/members.sh", import.meta.url),
            variables: {
                ROLE: "server",
                NODE_NAME: server,
                // Another order in the description changes nothing.
                NODES: [...nodes].sort().join("\n"),
                LOST: [...lost].sort().join("\n"),
                EVICT: evict,
                DRAIN_SECONDS: String(drainSeconds),
                SECONDS_MAX: String(seconds),
            },
            // The script ends by itself and says what is missing; the rest is for a script that hangs.
            timeoutSeconds: seconds + 60,
        },
        opts,
    );
}
