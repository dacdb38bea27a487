import { show, type Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import type { Rke2Type } from "./rke2-key-table.ts";

/*
 * RKE2 turns config.yaml into flags: `key: value` is read as `--key=value`, and a list as the same flag several times. So a
 * number or a truth may also stand in quotes, and one item of a list may stand alone.
 */

interface Type {
    readonly takes: (value: JsonValue) => boolean;
    readonly rule: string;
    readonly fix: string;
}

const TYPES: Readonly<Record<Rke2Type, Type>> = {
    string: { takes: isText, rule: "must be a text", fix: "write a text, in quotes" },
    int: {
        takes: (value) => isText(value) && /^[+-]?(0|[1-9]\d{0,15})$/.test(flagText(value)),
        rule: "must be a whole number",
        fix: "write it as 5",
    },
    bool: {
        takes: (value) => flagOf(value) !== undefined,
        rule: "must be true or false",
        fix: "write true or false",
    },
    duration: {
        takes: (value) =>
            isText(value) && /^(0|((\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$/.test(flagText(value)),
        rule: "must be a length of time with its unit",
        fix: 'write it as "5m" or "1h30m"',
    },
    list: {
        takes: (value) => (Array.isArray(value) ? value : [value]).every(isText),
        rule: "must be a list of texts",
        fix: 'write it as ["one", "another"]',
    },
};

/** What is wrong with the type of a key's value, if anything is. `path` is where the key stands. */
export function rke2TypeProblem(
    key: string,
    type: Rke2Type,
    value: JsonValue,
    path: string,
): Problem | undefined {
    const { takes, rule, fix } = TYPES[type];
    const lone = type !== "list" && Array.isArray(value);
    if (!lone && takes(value)) return undefined;
    return {
        path,
        ...(mayHoldSecret(key) ? {} : { value: show(value) }),
        rule: lone ? `${rule}, not a list: RKE2 would take the last item alone` : rule,
        fix,
    };
}

/** A truth as RKE2 reads it, which may stand in quotes; `undefined` for what RKE2 stops at. */
export function flagOf(value: JsonValue | undefined): boolean | undefined {
    const text = value === undefined ? "" : flagText(value);
    if (["1", "t", "T", "true", "True", "TRUE"].includes(text)) return true;
    return ["0", "f", "F", "false", "False", "FALSE"].includes(text) ? false : undefined;
}

/** A value that is not a list, as it stands behind the flag. */
export function flagText(value: JsonValue): string {
    return (typeof value === "string" ? value : JSON.stringify(value)).trim();
}

function isText(value: JsonValue): boolean {
    return typeof value === "string" || typeof value === "number";
}

/** Passwords stand in arguments, in environments and in the addresses of proxies. */
function mayHoldSecret(key: string): boolean {
    return /(^|-)token$|-key$|-proxy$|-arg$|-env$|^datastore-endpoint$/.test(key);
}
