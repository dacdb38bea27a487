/** Says one line in the journal of the service that runs this program. */
export function say(message: string): void {
    console.log(`kubelet (simulated): ${message}`);
}

/** What went wrong, in words. */
export function reason(error: unknown): string {
    return error instanceof Error ? error.message : String(error);
}
