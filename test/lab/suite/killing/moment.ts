import type { Recorded } from "./checkpoint.ts";

/** When a step is killed: so many milliseconds after it has begun, as soon as Helm has noted that it installs, or right after it. */
export type Moment = number | "installing" | "ended";

/** The type of a Helm release. */
export const RELEASE = "kubernetes:helm.sh/v3:Release";
/** The type of a script on a host. */
export const COMMAND = "command:remote:Command";

/** The moments at which the creation of a resource is to be killed, one in each run: just begun, and in the middle of the work. */
export function momentsOf({ type, urn }: Pick<Recorded, "type" | "urn">): readonly Moment[] {
    if (type === RELEASE) return ["installing", 0];
    if (type !== COMMAND) return [0];
    // The others may be done within half a second, where the cluster has long had what they ask for.
    return urn.endsWith("-install") ? [0, 1500, 5000] : [100];
}
