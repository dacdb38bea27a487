/** What RKE2 ends with, in its own words where they are known; systemd then starts it again. */
export class Fatal extends Error {}

/** The message of whatever was thrown. */
export function messageOf(error: unknown): string {
    if (error instanceof AggregateError && error.message === "")
        return error.errors.map(messageOf).join("; ");
    return error instanceof Error ? error.message : String(error);
}
