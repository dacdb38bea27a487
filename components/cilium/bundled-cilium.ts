import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { ServerGatekeeper } from "../gate/wait-for.ts";
import { hostScript } from "../host/host-script.ts";
import type { SshArgs } from "../host/ssh-args.ts";
import { refuse } from "../refuse.ts";
import { bundledConfig, type BundledConfig } from "./bundled-values.ts";
import type { CiliumArgs } from "./cilium.ts";
import { ciliumProblems } from "./cilium-problems.ts";

/** They wait for nothing but another run, which may be RKE2's. */
const TIMEOUT_SECONDS = 600;

/** RKE2's job waits for no pod: it takes as long as its image does. */
const IDLE_SECONDS = 300;

/** A server that RKE2 begins the cluster on. */
export interface FirstServer {
    readonly name: string;
    readonly ssh: SshArgs;
}

/**
 * What RKE2's own Cilium is first installed with, as a file on the server that begins the cluster. It must be there before RKE2
 * is, and does nothing later: then `Cilium` has the same as an object.
 */
export function bundledFirst(
    name: string,
    { name: node, ssh }: FirstServer,
    args: CiliumArgs,
    opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
): pulumi.Resource {
    refuse(`Cilium ${name}`, ciliumProblems(args));
    return hostScript(
        name,
        {
            ssh,
            file: new URL("scripts/first.sh", import.meta.url),
            remove: new URL("scripts/remove-first.sh", import.meta.url),
            variables: {
                ...hostVariables(node),
                MANIFEST: bundledConfig(args, "kube-system").manifest,
            },
            timeoutSeconds: TIMEOUT_SECONDS,
        },
        opts,
    );
}

/**
 * The configuration of RKE2's own Cilium in a cluster that runs: the end of what RKE2 is at, the object, which its controller
 * follows, and the end of the file that the first installation came from.
 */
export function bundledRelease(
    name: string,
    { object, mark }: BundledConfig,
    gatekeeper: ServerGatekeeper,
    opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
): pulumi.Resource {
    const { metadata, ...rest } = object;
    const idle = hostScript(
        `${name}-idle`,
        {
            ssh: gatekeeper.ssh,
            file: new URL("scripts/idle.sh", import.meta.url),
            variables: { ...hostVariables(metadata.name, IDLE_SECONDS), MARK: mark },
            timeoutSeconds: IDLE_SECONDS + 60,
        },
        opts,
    );
    const config = new kubernetes.apiextensions.CustomResource(
        `${name}-config`,
        {
            ...rest,
            // RKE2 has made it from the file, and owns its fields until now.
            metadata: { ...metadata, annotations: { "pulumi.com/patchForce": "true" } },
        },
        pulumi.mergeOptions(opts, { dependsOn: idle }),
    );
    return hostScript(
        `${name}-settled`,
        {
            ssh: gatekeeper.ssh,
            file: new URL("scripts/settle.sh", import.meta.url),
            remove: new URL("scripts/remove-bundled.sh", import.meta.url),
            variables: { ...hostVariables(metadata.name), MARK: mark },
            timeoutSeconds: TIMEOUT_SECONDS,
        },
        // Nothing flows from the object.
        { parent: opts.parent, dependsOn: config },
    );
}

/** What RKE2's scripts want to know; the name stands in front of messages. */
function hostVariables(name: string, seconds = TIMEOUT_SECONDS - 60): Record<string, string> {
    return { ROLE: "server", NODE_NAME: name, SECONDS_MAX: String(seconds) };
}
