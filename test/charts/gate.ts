import { z } from "zod";

import type { Deployment } from "../support/program.ts";

/** What a gate waits for, out of the script that it runs on a server, or on the machine that runs Pulumi. */
export function gateOf(deployment: Deployment, name: string) {
    const here = deployment.resources.some(
        (resource) => resource.type === "command:local:Command" && resource.name === name,
    );
    const type = here ? "command:local:Command" : "command:remote:Command";
    const script = z.string().parse(deployment.one(type, name).inputs["stdin"]);
    const [, conditions = ""] = /^CONDITIONS='([^']*)'$/m.exec(script) ?? [];
    const of = (kind: string) =>
        conditions
            .split("\n")
            .flatMap((line) => (line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : []));
    return { crds: of("crd"), rollouts: of("rollout"), endpoints: of("endpoint") };
}
