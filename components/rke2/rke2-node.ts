import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { dnsName } from "../../model/description/scalars.ts";
import { show, type Problem } from "../../model/problem.ts";
import { hostScript, LEFT_ALONE } from "../host/host-script.ts";
import { connection } from "../host/ssh-args.ts";
import { refuse } from "../refuse.ts";
import { onceMade, refuseChanges } from "../refuse-changes.ts";
import { nodeChangeProblems } from "./changes.ts";
import { configYaml, labelLines, nodeConfigProblems, type Rke2Config } from "./config.ts";
import { installProblems } from "./install.ts";
import type { NodeArgs } from "./node-args.ts";
import {
    ARTIFACTS_FOLDER,
    artifactsDirectory,
    ROLLOUT,
    settingsVariables,
    shownSettings,
    type NodeSettings,
} from "./node-settings.ts";
import { supervisorUrl } from "./url.ts";

const TYPE = "multicluster:rke2:Rke2Node";

/**
 * A server with little memory takes minutes to pull its images; a host that needs longer than this, beside the time for
 * draining it, is not coming.
 */
const TIMEOUT_SECONDS = 1800;

/** The same for files. */
const FILES_LEFT_ALONE = { ignoreChanges: ["connection", "source", "remotePath"], retainOnDelete: true };

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
    /** The RKE2 release, as `v1.35.7+rke2r1`. A later one upgrades the node; an earlier one is refused, and one that skips a minor. */
    readonly version: string;
    /** What holds for all nodes of the cluster. @default - see `NodeSettings` */
    readonly settings?: NodeSettings;
    /** The whole config.yaml, without a secret: see `nodeConfig`. A token in it is refused. */
    readonly config: Rke2Config;
    /** The token of the cluster. */
    readonly token: pulumi.Input<string>;
    /** Its host no longer answers: nothing is asked of it any more, not even when the node is removed. @default false */
    readonly lost?: boolean;
    /** The addresses of the other servers. The first server asks them whether the cluster exists, before it begins one. */
    readonly peers: readonly string[];
}

/**
 * One machine as a node of an RKE2 cluster: prepared, its configuration written, RKE2 installed or upgraded, started and
 * awaited. It does not wait for the network. A changed configuration restarts it. When it is removed after its cluster has let
 * it go, or with its whole cluster, RKE2 is uninstalled and the host is left as it was found.
 */
export class Rke2Node extends pulumi.ComponentResource {
    /** What runs on the host. */
    readonly install: remote.Command;

    constructor(name: string, args: Rke2NodeArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`Rke2Node ${name}`, problemsOf(args));
        const { clusterName, role, version, config, node, settings = {} } = args;
        // Shown, because the script they end up in is secret, and a preview would not say what changes.
        const shown = {
            clusterName,
            role,
            version,
            addresses: node.addresses,
            config,
            ...shownSettings(settings),
        };
        const guard = refuseChanges(
            name,
            `clusters.${clusterName}.${role}s.${node.name}`,
            onceMade("node", nodeChangeProblems),
        );
        super(TYPE, name, shown, pulumi.mergeOptions(opts, guard));

        // A component's own dependencies are not recorded for its children, and later runs order these alone.
        const after = opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
        const files = this.#bringFiles(name, args, after);
        const { evict, drainSeconds } = settings.rollout ?? ROLLOUT;
        const seconds = TIMEOUT_SECONDS + (evict === "drain" ? drainSeconds : 0);
        this.install = hostScript(
            `${name}-install`,
            {
                ssh: node.ssh,
                file: new URL("scripts/node.sh", import.meta.url),
                remove: new URL("scripts/remove-node.sh", import.meta.url),
                tellsAgain: true,
                variables: {
                    ROLE: role,
                    NODE_NAME: node.name,
                    FIRST: args.first ? "yes" : "",
                    VERSION: version,
                    CONFIG: configYaml(config),
                    LABELS: labelLines(config),
                    TOKEN: args.token,
                    PEERS: args.first ? args.peers.map(supervisorUrl).join("\n") : "",
                    ...settingsVariables(role, config, settings),
                    // The script ends by itself and says what is missing; the rest is for a script that hangs.
                    SECONDS_MAX: String(seconds - 60),
                },
                timeoutSeconds: seconds,
            },
            { parent: this, ...after, ...files, ...(args.lost === true ? LEFT_ALONE : {}) },
        );

        this.registerOutputs({ node: this.install.id });
    }

    /** For a host without a way out: the files come from this machine, and the script verifies them before it runs any. */
    #bringFiles(
        name: string,
        { node, settings = {}, lost = false }: Rke2NodeArgs,
        after: Pick<pulumi.CustomResourceOptions, "dependsOn">,
    ): Pick<pulumi.CustomResourceOptions, "dependsOn"> {
        const directory = artifactsDirectory(settings);
        if (directory === undefined) return {};
        const files = new remote.CopyToRemote(
            `${name}-files`,
            {
                connection: connection(node.ssh),
                source: new pulumi.asset.FileArchive(directory),
                remotePath: ARTIFACTS_FOLDER,
            },
            { parent: this, ...after, ...(lost ? FILES_LEFT_ALONE : {}) },
        );
        return { dependsOn: [files] };
    }
}

function problemsOf({ role, first, node, version, settings = {}, config }: Rke2NodeArgs): Problem[] {
    return [
        ...installProblems({ ...settings, version }),
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
