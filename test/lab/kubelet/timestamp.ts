/** A moment as Kubernetes writes it: to the second. */
export function timestamp(date = new Date()): string {
    return date.toISOString().replace(/\.\d+Z$/, "Z");
}

/** A moment as a Lease has it: to the microsecond. */
export function microTimestamp(date = new Date()): string {
    return date.toISOString().replace(/Z$/, "000Z");
}
