/** Something that keeps a value from being plain data, and where. */
export interface Obstacle {
    readonly keys: readonly PropertyKey[];
    readonly rule: string;
    readonly fix: string;
}

export interface PlainCopy {
    readonly value: unknown;
    /** With any of them the copy is not to be used. */
    readonly obstacles: readonly Obstacle[];
}

/** No description is nested as deep; the checks that follow call themselves for every level. */
const DEEPEST = 64;

const PLAIN = {
    rule: "must be plain data: objects, arrays, text, numbers and booleans",
    fix: "write the object out",
};

/**
 * Copies what someone else's code hands over into plain data, so that none of that code runs later: getters and proxies are
 * asked once, here. What would get lost or never end is an obstacle; any other value is for a schema to judge.
 */
export function plainCopy(input: unknown): PlainCopy {
    const obstacles: Obstacle[] = [];
    const copy = (read: () => unknown, keys: readonly PropertyKey[], above: readonly object[]): unknown => {
        const refuse = (rule: string, fix: string) => void obstacles.push({ keys, rule, fix });
        try {
            const value = read();
            if (typeof value !== "object" || value === null) return value;
            if (value instanceof Promise) {
                refuse("is a Promise, and not what it promises", "write await in front of it");
            } else if (above.includes(value)) {
                refuse("contains itself", PLAIN.fix);
            } else if (keys.length > DEEPEST) {
                refuse(`is nested deeper than ${DEEPEST} levels`, "write it flatter");
            } else if (Array.isArray(value)) {
                const items: readonly unknown[] = value;
                return Array.from({ length: items.length }, (_, index) =>
                    copy(() => items[index], [...keys, index], [...above, value]),
                );
            } else if (!isPlain(value)) {
                refuse(PLAIN.rule, PLAIN.fix);
            } else {
                return Object.fromEntries(
                    enumerableKeys(value).map((key) => {
                        const within = [...keys, key];
                        if (key === "__proto__" || typeof key === "symbol") {
                            obstacles.push({
                                keys: within,
                                rule: "cannot be a key: it would be lost without a word",
                                fix: "choose another name",
                            });
                            return [key, undefined];
                        }
                        return [key, copy(() => Reflect.get(value, key), within, [...above, value])];
                    }),
                );
            }
        } catch (error) {
            refuse(`cannot be read: ${reasonOf(error)}`, PLAIN.fix);
        }
        return undefined;
    };
    return { value: copy(() => input, [], []), obstacles };
}

/** What was thrown, on one line: anything can be thrown, even what cannot be turned into text. */
export function reasonOf(thrown: unknown): string {
    try {
        if (thrown instanceof Error) return onOneLine(thrown.message);
        return typeof thrown === "object" && thrown !== null
            ? "an object that is no Error was thrown"
            : onOneLine(String(thrown));
    } catch {
        return "something was thrown that cannot be shown";
    }
}

function onOneLine(text: string): string {
    return text.replaceAll(/\s*\n\s*/g, " ");
}

/** Whether an object has no class; one of another realm counts too. */
function isPlain(value: object): boolean {
    const prototype: unknown = Object.getPrototypeOf(value);
    return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function enumerableKeys(value: object): PropertyKey[] {
    return Reflect.ownKeys(value).filter((key) => Object.prototype.propertyIsEnumerable.call(value, key));
}
