/** What stands under a path of keys in plain data; nothing where some key on the way is not there. */
export function valueAt(value: unknown, ...keys: readonly PropertyKey[]): unknown {
    return keys.reduce<unknown>(
        (found, key) =>
            typeof found === "object" && found !== null && Object.hasOwn(found, key)
                ? Reflect.get(found, key)
                : undefined,
        value,
    );
}
