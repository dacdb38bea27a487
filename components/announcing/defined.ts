/** The fields that have a value: an object of a cluster has no `undefined`, and an empty field can mean something else than none. */
export function defined(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
