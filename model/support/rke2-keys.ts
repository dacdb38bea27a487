import { nearest } from "../description/strict.ts";
import type { Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import { rke2ValueProblems } from "./rke2-config.ts";
import { rke2Conflicts } from "./rke2-conflicts.ts";
import { RKE2_KEYS, rke2Key, rke2SameOnAllServers } from "./rke2-key-table.ts";
import { refusedAnywhere, refusedForAllNodes, type Refusal } from "./rke2-refused.ts";
import { rke2TypeProblem } from "./rke2-types.ts";

/*
 * What a user may write into RKE2's config.yaml. RKE2 itself only logs a warning about a key it does not know, and goes on
 * without it, so a misspelt key must be found here.
 */

type Config = Readonly<Record<string, JsonValue>>;

/** Whether a server, or an agent, knows a key of config.yaml. An agent also reads system-default-registry, and does nothing with it. */
export function rke2Knows(role: "server" | "agent", key: string): boolean {
    const known = rke2Key(key);
    return known !== undefined && (role === "server" || known.scope === "both");
}

/** What is wrong with the keys of config.yaml, and with their values, that a user gives for all nodes of a cluster. `at` is where they stand. */
export function rke2ConfigProblems(config: Config, at: string): Problem[] {
    return [...keyProblems(config, at, refusedForAllNodes), ...rke2Conflicts(config, at)];
}

/** What is wrong with the keys that a user gives for one node. `everywhere` are those for all nodes, which hold here too. */
export function rke2NodeConfigProblems(
    role: "server" | "agent",
    config: Config,
    at: string,
    everywhere: Config = {},
): Problem[] {
    const known = new Set(rke2Conflicts(everywhere, at).map(({ rule }) => rule));
    return [
        ...keyProblems(config, at, (key) => refusedAnywhere(key) ?? refusedForOneNode(role, key)),
        ...rke2Conflicts({ ...everywhere, ...config }, at).filter(({ rule }) => !known.has(rule)),
    ];
}

function refusedForOneNode(role: "server" | "agent", key: string): Refusal | undefined {
    if (!rke2Knows("server", key)) return undefined;
    if (!rke2Knows(role, key)) {
        return {
            rule: "is a key of servers, and RKE2 would go on without it",
            fix: "leave it out on agents",
        };
    }
    return role === "server" && rke2SameOnAllServers(key)
        ? { rule: "must be the same on all servers", fix: "set it in rke2.config, for all nodes" }
        : undefined;
}

/** What is wrong with each key by itself. */
function keyProblems(config: Config, at: string, refusal: (key: string) => Refusal | undefined): Problem[] {
    return Object.entries(config).flatMap(([key, value]) => {
        const path = `${at}.${key}`;
        const refused = refusal(key);
        // No value here: a token may stand there.
        if (refused !== undefined) return [{ path, ...refused }];
        const known = rke2Key(key);
        if (known === undefined) return [unknownKey(path, key)];
        if (!(Array.isArray(value) ? value : [value]).every(isPlain)) {
            return [
                {
                    path,
                    rule: "must be a string, a number, a boolean or a list of them",
                    fix: 'write settings of its own as a list, as ["key=value"]',
                },
            ];
        }
        if (holdsLogin(value)) {
            return [
                {
                    path,
                    rule: "must not hold a user and a password: config.yaml is shown in previews",
                    fix: "leave out everything up to the @",
                },
            ];
        }
        const mistyped = rke2TypeProblem(key, known.type, value, path);
        return mistyped === undefined ? rke2ValueProblems(key, value, path) : [mistyped];
    });
}

/** A key that RKE2 would skip with no more than a warning in its log. */
export function unknownKey(path: string, key: string): Problem {
    const meant = nearest(key, RKE2_KEYS);
    return {
        path,
        rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
        fix: meant === undefined ? "leave it out" : `write ${meant}`,
    };
}

function isPlain(value: JsonValue): boolean {
    return ["string", "number", "boolean"].includes(typeof value);
}

/** Whether an address in a value has a user and a password, as that of a proxy. */
function holdsLogin(value: JsonValue): boolean {
    return /:\/\/[^/\s@]*:[^/\s]*@/.test(JSON.stringify(value));
}
