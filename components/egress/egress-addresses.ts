import type { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { show, type Problem } from "../../model/problem.ts";
import type { Egress } from "../../model/resolved.ts";
import { hostScript, LEFT_ALONE } from "../host/host-script.ts";
import type { SshArgs } from "../host/ssh-args.ts";
import { refuse } from "../refuse.ts";

const TYPE = "multicluster:egress:EgressAddresses";

/** It waits for nothing but another run, which may be RKE2's. */
const TIMEOUT_SECONDS = 600;

/** A machine of the cluster. */
export interface EgressNode {
    readonly name: string;
    readonly role: "server" | "agent";
    readonly ssh: SshArgs;
    /** Its host no longer answers. @default false */
    readonly lost?: boolean;
}

export interface EgressAddressesArgs {
    /** All nodes of the cluster: an address that moves leaves the one it was on. */
    readonly nodes: readonly EgressNode[];
    /** Who leaves under which address, through which node, and on which interface it is: that must be said. */
    readonly egress: Egress;
}

/**
 * The egress addresses on their hosts: each gateway has a dummy interface with its own, made by a unit of systemd's at every
 * start. A node without addresses has no such interface. Cilium's policies must come after this.
 */
export class EgressAddresses extends pulumi.ComponentResource {
    /** One for each node. */
    readonly hosts: readonly remote.Command[];

    constructor(name: string, args: EgressAddressesArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`EgressAddresses ${name}`, problemsOf(args));
        const { nodes, egress } = args;
        const shown = Object.fromEntries(nodes.map((node) => [node.name, addressesOf(node, egress)]));
        super(TYPE, name, { interface: egress.interface, addresses: shown }, opts);

        // A component's own dependencies are not recorded for its children, and later runs order these alone.
        const after = opts?.dependsOn === undefined ? {} : { dependsOn: opts.dependsOn };
        this.hosts = nodes.map((node) =>
            hostScript(
                `${name}-${node.name}`,
                {
                    ssh: node.ssh,
                    file: new URL("scripts/addresses.sh", import.meta.url),
                    remove: new URL("scripts/remove-addresses.sh", import.meta.url),
                    variables: {
                        ROLE: node.role,
                        NODE_NAME: node.name,
                        INTERFACE: egress.interface ?? "",
                        ADDRESSES: addressesOf(node, egress).join("\n"),
                        SECONDS_MAX: String(TIMEOUT_SECONDS - 60),
                    },
                    timeoutSeconds: TIMEOUT_SECONDS,
                },
                { parent: this, ...after, ...(node.lost === true ? LEFT_ALONE : {}) },
            ),
        );

        this.registerOutputs({ interface: egress.interface });
    }
}

function addressesOf({ name }: EgressNode, { owners }: Egress): string[] {
    return owners.flatMap(({ gateways }) =>
        gateways.filter(({ node }) => node === name).map(({ address }) => address),
    );
}

function problemsOf({ nodes, egress }: EgressAddressesArgs): Problem[] {
    const names = nodes.map(({ name }) => name);
    const unknown = egress.owners.flatMap((owner) =>
        owner.gateways
            .filter(({ node }) => !names.includes(node))
            .map(({ node }) => ({
                path: `egress.owners.${owner.name}.gateways`,
                value: show(node),
                rule: "is not among the nodes: its address would be nowhere",
                fix: "pass all nodes of the cluster",
            })),
    );
    return egress.interface === undefined
        ? [
              {
                  path: "egress.interface",
                  rule: "is not said: the addresses are someone else's to put on hosts",
                  fix: 'name one, as "egress0"',
              },
              ...unknown,
          ]
        : unknown;
}
