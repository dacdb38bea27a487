import type { SshArgs } from "../host/ssh-args.ts";
import type { ConfiguredNode } from "./config.ts";

/** One machine of a cluster. */
export interface NodeArgs extends ConfiguredNode {
    /** How it is reached. */
    readonly ssh: SshArgs;
    /** Its host no longer answers, and the node is taken out of the cluster. @default false */
    readonly lost?: boolean;
}
