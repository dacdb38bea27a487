import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { dnsName } from "../../model/description/scalars.ts";
import { show, type Problem } from "../../model/problem.ts";
import { hostScript } from "../host/host-script.ts";
import { refuse } from "../refuse.ts";
import { configYaml, labelLines, nodeConfigProblems, type Rke2Config } from "./config.ts";
import { installProblems, INSTALL_URL } from "./install.ts";
import type { NodeArgs } from "./node-args.ts";
import { supervisorUrl } from "./url.ts";

const TYPE = "multicluster:rke2:Rke2Node";

/** A server with little memory takes minutes to pull its images; a host that needs longer than this is not coming. */
const TIMEOUT_SECONDS = 1800;

/** `token` may be an output or secret; everything else decides what is written to the host, and is plain. */
export interface Rke2NodeArgs {
    /** The cluster it is a node of. */
    readonly clusterName: string;
    /** Whether it runs the control plane. */
    readonly role: "server" | "agent";
    /** Whether it begins the cluster. Only a server can, and its `config` then has no `server`. */
    readonly first: boolean;
    /** The machine. Its labels and taints are read from `config`. */
    readonly node: Pick<NodeArgs, "name" | "addresses" | "ssh">;
    /** The RKE2 release, as `v1.35.7+rke2r1`. A host with another one is refused by the host's script. */
    readonly version: string;
    /** Where RKE2's install script comes from. @default "https://get.rke2.io" */
    readonly installUrl?: string;
    /** The whole config.yaml, without a secret: see `nodeConfig`. A token in it is refused. */
    readonly config: Rke2Config;
    /** The token of the cluster. */
    readonly token: pulumi.Input<string>;
    /** The addresses of the other servers. The first server asks them whether the cluster exists, before it begins one. */
    readonly peers: readonly string[];
}

/**
 * One machine as a node of an RKE2 cluster: its configuration written, RKE2 installed, started and awaited. It does not wait
 * for the network. A changed configuration restarts it; a changed version or token is refused on the host. When its whole
 * cluster is removed, RKE2 is uninstalled; a node that is taken out of a cluster that goes on is left as it is.
 */
export class Rke2Node extends pulumi.ComponentResource {
    /** What runs on the host. */
    readonly install: remote.Command;

    constructor(name: string, args: Rke2NodeArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`Rke2Node ${name}`, problemsOf(args));
        const { clusterName, role, version, config, node } = args;
        // Shown, because the script they end up in is secret, and a preview would not say what changes.
        super(TYPE, name, { clusterName, role, version, addresses: node.addresses, config }, opts);

        this.install = hostScript(
            `${name}-install`,
            {
                ssh: node.ssh,
                file: new URL("scripts/node.sh", import.meta.url),
                remove: new URL("scripts/remove-node.sh", import.meta.url),
                variables: {
                    ROLE: role,
                    NODE_NAME: node.name,
                    VERSION: version,
                    INSTALL_URL: args.installUrl ?? INSTALL_URL,
                    CONFIG: configYaml(config),
                    LABELS: labelLines(config),
                    TOKEN: args.token,
                    PEERS: args.first ? args.peers.map(supervisorUrl).join("\n") : "",
                    // The script ends by itself and says what is missing; the rest is for a script that hangs.
                    SECONDS_MAX: String(TIMEOUT_SECONDS - 60),
                },
                timeoutSeconds: TIMEOUT_SECONDS,
            },
            // A component's own dependencies are not recorded for its children, and later runs order these alone.
            { parent: this, ...(opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn }) },
        );

        this.registerOutputs({});
    }
}

function problemsOf({ role, first, node, version, installUrl, config }: Rke2NodeArgs): Problem[] {
    return [
        ...installProblems({ version, installUrl }),
        ...(dnsName.safeParse(node.name).success
            ? []
            : [
                  {
                      path: "node.name",
                      value: show(node.name),
                      rule: "is no name for a node: lower-case letters, digits, hyphens and dots",
                      fix: 'rename it, for example to "east-1"',
                  },
              ]),
        ...(first && role === "agent"
            ? [
                  {
                      path: "first",
                      value: "true",
                      rule: "an agent cannot begin a cluster",
                      fix: "begin it with a server",
                  },
              ]
            : []),
        ...(first === !("server" in config)
            ? []
            : [
                  {
                      path: "config.server",
                      rule: first
                          ? "must not be there: this server begins the cluster"
                          : "is missing: the node would begin a cluster of its own",
                      fix: "make the configuration with nodeConfig",
                  },
              ]),
        ...nodeConfigProblems(role, config),
    ];
}
