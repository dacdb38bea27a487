/*
 * Properties as the engine sends them to a provider: plain JSON, in which a secret is an object with a signature and an
 * unknown value is a text that nobody writes. Both are the engine's own encoding.
 */
import { isDeepStrictEqual } from "node:util";

/** The properties of a resource, by name. */
export type Properties = Readonly<Record<string, unknown>>;

const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";
const UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/** A value that the engine is to encrypt. */
export function secret(value: unknown): Properties {
    return { [SIGNATURE]: SECRET, value: reveal(value) };
}

/** Whether a value is, or has in it, a secret. */
export function hasSecret(value: unknown): boolean {
    return isSecret(value) || childrenOf(value).some(hasSecret);
}

/** Whether a value is, or has in it, something that only the run will tell. */
export function hasUnknown(value: unknown): boolean {
    return value === UNKNOWN || childrenOf(value).some(hasUnknown);
}

/** The value without the marks of secrets, at any depth. */
export function reveal(value: unknown): unknown {
    if (isSecret(value)) return reveal(value["value"]);
    if (Array.isArray(value)) return value.map(reveal);
    return isObject(value) ? revealAll(value) : value;
}

/** The properties without the marks of secrets, and without those that are not set. */
export function revealAll(properties: Properties): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(properties)
            .filter(([, value]) => value !== undefined && value !== null)
            .map(([name, value]) => [name, reveal(value)]),
    );
}

/** Whether two values say the same, secret or not. What is unknown is never the same. */
export function same(one: unknown, other: unknown): boolean {
    return !hasUnknown(one) && !hasUnknown(other) && isDeepStrictEqual(reveal(one), reveal(other));
}

/** What a value has at a path; `undefined` if there is nothing. Marks of secrets are no step of a path. */
export function at(value: unknown, path: readonly PropertyKey[]): unknown {
    const [step, ...rest] = path;
    if (step === undefined) return value;
    const inside = reveal(value);
    if (Array.isArray(inside)) return at(inside[Number(step)], rest);
    return isObject(inside) ? at(inside[String(step)], rest) : undefined;
}

/** The properties in what the engine sent. */
export function propertiesOf(value: unknown): Properties {
    if (!isObject(value)) throw new Error("the engine sent properties that are no object");
    return value;
}

function isSecret(value: unknown): value is Properties {
    return isObject(value) && value[SIGNATURE] === SECRET;
}

function childrenOf(value: unknown): readonly unknown[] {
    if (Array.isArray(value)) return value;
    return isObject(value) ? Object.values(value) : [];
}

function isObject(value: unknown): value is Properties {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
