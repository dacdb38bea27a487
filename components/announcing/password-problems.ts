import type { Problem } from "../../model/problem.ts";
import type { Bgp } from "../../model/resolved.ts";

/** Every neighbour that has a password gets one, and no other: a session without the agreed password never comes up. */
export function passwordProblems(
    peers: Bgp["peers"],
    passwords: Readonly<Record<string, unknown>>,
): Problem[] {
    const missing = Object.keys(peers).filter(
        (name) => peers[name]?.password !== undefined && !Object.hasOwn(passwords, name),
    );
    const unused = Object.keys(passwords).filter((name) => peers[name]?.password === undefined);
    return [
        ...missing.map((name) => ({
            path: `passwords.${name}`,
            rule: "is missing: the neighbour is described with a password",
            fix: "pass the secret that its description names",
        })),
        ...unused.map((name) => ({
            path: `passwords.${name}`,
            rule: "is of no neighbour that is described with a password",
            fix: `describe it under peers.${name}.password, or leave it out`,
        })),
    ];
}
