import { createHash } from "node:crypto";

import type { local, remote } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import { hostScript } from "../host/host-script.ts";
import { localScript } from "../host/local-script.ts";
import type { SshArgs } from "../host/ssh-args.ts";

/** Something a cluster must have before what comes next makes sense. */
export type Condition =
    | { readonly kind: "crd"; readonly name: string }
    | {
          readonly kind: "rollout";
          readonly workload: "deployment" | "daemonset";
          readonly namespace: string;
          readonly name: string;
      }
    | { readonly kind: "nodes" }
    | {
          readonly kind: "versions";
          /** The RKE2 release. */
          readonly version: string;
          /** A label and its value, as `node-role.kubernetes.io/control-plane=true`. @default - all nodes */
          readonly selector?: string;
      }
    | {
          readonly kind: "deployed";
          readonly namespace: string;
          /** A Deployment of the chart's. */
          readonly deployment: string;
          /** The version that one of its images has, without v. */
          readonly version: string;
          /** What its annotation `multicluster/values` says. */
          readonly mark: string;
          /** The chart, by RKE2's name of it. */
          readonly chart: string;
      }
    | { readonly kind: "endpoint"; readonly namespace: string; readonly service: string }
    | {
          readonly kind: "address";
          readonly namespace: string;
          readonly service: string;
          readonly address: string;
      };

/** Who can ask a cluster's API. */
export type Gatekeeper = ServerGatekeeper | LocalGatekeeper;

/** A server of the cluster. */
export interface ServerGatekeeper extends Patience {
    /** How the server is reached. */
    readonly ssh: SshArgs;
}

/** The machine that runs Pulumi, where no server can be logged in to. It needs kubectl. */
export interface LocalGatekeeper extends Patience {
    /** How the API is reached from there. */
    readonly kubeconfig: pulumi.Input<string>;
}

interface Patience {
    /** How long to wait before giving up with a list of what is missing. @default 900 */
    readonly timeoutSeconds?: number;
}

/** When a gate opens, and when it closes again. */
export interface Gate {
    /** What must hold. */
    readonly conditions: readonly Condition[];
    /** What the cluster was told just before, such as a chart's version and values. When it changes, the gate asks again. */
    readonly after: object;
}

/**
 * Waits, on a server or here, until all conditions hold. Objects of a CRD that an operator registers cannot wait for themselves: the
 * Kubernetes provider gives up after 63 seconds, whatever its timeouts say.
 */
export function waitFor(
    name: string,
    { timeoutSeconds = 900, ...gatekeeper }: Gatekeeper,
    { conditions, after }: Gate,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): remote.Command | local.Command {
    const script = {
        file: new URL("wait-for.sh", import.meta.url),
        variables: {
            AFTER: createHash("sha256").update(JSON.stringify(after)).digest("hex"),
            CONDITIONS: conditions.map(formatCondition).join("\n"),
            SECONDS_MAX: String(timeoutSeconds),
        },
        // The script ends by itself and says what is missing; this is for a script that hangs.
        timeoutSeconds: timeoutSeconds + 60,
    };
    return "ssh" in gatekeeper
        ? hostScript(name, { ssh: gatekeeper.ssh, ...script }, opts)
        : localScript(name, { kubeconfig: gatekeeper.kubeconfig, ...script }, opts);
}

function formatCondition(condition: Condition): string {
    switch (condition.kind) {
        case "crd":
            return `crd ${condition.name}`;
        case "rollout":
            return `rollout ${condition.workload} ${condition.namespace} ${condition.name}`;
        case "nodes":
            return "nodes";
        case "versions":
            return `versions ${[condition.version, condition.selector ?? []].flat().join(" ")}`;
        case "deployed":
            return `deployed ${condition.namespace} ${condition.deployment} ${condition.version} ${condition.mark} ${condition.chart}`;
        case "endpoint":
            return `endpoint ${condition.namespace} ${condition.service}`;
        case "address":
            return `address ${condition.namespace} ${condition.service} ${condition.address}`;
    }
}
