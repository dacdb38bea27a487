import { bashScript } from "../components/host/bash.ts";
import { PREFLIGHT_SCRIPT, preflightVariables } from "../components/rke2/preflight.ts";
import type { Cluster, Mesh, Node } from "../model/resolved.ts";
import { preflightArgs } from "../stacks/preflight-args.ts";

/** The script that looks at a host, with what it is to look for. */
export function preflightScript(node: Node, cluster: Cluster, mesh: Mesh): string {
    const { name, role, addresses, ssh } = node;
    return bashScript(
        PREFLIGHT_SCRIPT,
        preflightVariables({
            ...preflightArgs(node, cluster, mesh),
            node: { name, role, addresses, ssh: { host: ssh.host } },
        }),
    );
}
