import { z } from "zod";

import type { Deployment } from "../support/program.ts";

/** What a gate waits for, out of the script that it runs on a server. */
export function gateOf(deployment: Deployment, name: string) {
    const script = z.string().parse(deployment.one("command:remote:Command", name).inputs["stdin"]);
    const [, conditions = ""] = /^CONDITIONS='([^']*)'$/m.exec(script) ?? [];
    const of = (kind: string) =>
        conditions
            .split("\n")
            .flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
    return { crds: of("crd"), rollouts: of("rollout"), endpoints: of("endpoint") };
}
