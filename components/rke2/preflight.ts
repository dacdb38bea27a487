import type { remote } from "@pulumi/command";
import type * as pulumi from "@pulumi/pulumi";

import type { HostNeeds, HostPeer } from "../../model/support/host-needs.ts";
import { hostScript } from "../host/host-script.ts";
import type { NodeArgs } from "./node-args.ts";

/** What looks at a host. It changes nothing there. */
export const PREFLIGHT_SCRIPT = new URL("scripts/preflight.sh", import.meta.url);

/** When the host ends the script, which needs less than a minute even where nothing answers. */
export const PREFLIGHT_SECONDS = 120;

/** What the preflight of one host must know. All of it is plain: there is no secret in it. */
export interface PreflightArgs {
    /** The node that the host is to be, or is. */
    readonly node: Pick<NodeArgs, "name" | "addresses" | "ssh"> & { readonly role: "server" | "agent" };
    /** The RKE2 release, as `v1.35.7+rke2r1`. */
    readonly rke2Version: string;
    /** The kernel, its modules and the ports that the cluster's network and RKE2 need: see `hostNeeds`. */
    readonly needs: HostNeeds;
    /** The other nodes, which it must reach: see `hostPeers`. */
    readonly peers: readonly HostPeer[];
    /** The balancer's address or the name in front of the servers. @default - none, or one that the servers will hold themselves */
    readonly registration?: string;
    /** How RKE2 is installed, and where its install script comes from. */
    readonly install:
        | { readonly method: "tar" | "rpm"; readonly url: string }
        | { readonly method: "air-gap"; readonly url?: undefined };
    /** The way out, `KEY=value` on each line, as RKE2's environment has it. @default - direct */
    readonly proxy?: string;
    /** What becomes of firewalld. */
    readonly firewalld: "off" | "open" | "leave";
    /** Whether this program prepares the host. */
    readonly prepare: boolean;
    /** Whether RKE2 is told to use SELinux. */
    readonly selinux: boolean;
    /** Findings that stop nothing, by their names. */
    readonly ignore: readonly string[];
}

/**
 * Looks whether a host can be a node, before anything is changed on any. It fails with all that is wrong with the host. It
 * looks again whenever something that it must know has changed, and leaves nothing behind that would have to be removed.
 */
export function preflight(
    name: string,
    args: PreflightArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): remote.Command {
    return hostScript(
        name,
        {
            ssh: args.node.ssh,
            file: PREFLIGHT_SCRIPT,
            variables: preflightVariables(args),
            timeoutSeconds: PREFLIGHT_SECONDS,
        },
        opts,
    );
}

/** The variables of the script. */
export function preflightVariables({
    node,
    rke2Version,
    needs: { kernel, modules, ports, xdp },
    peers,
    registration = "",
    install,
    proxy = "",
    firewalld,
    prepare,
    selinux,
    ignore,
}: PreflightArgs): Record<string, string> {
    return {
        ROLE: node.role,
        NODE_NAME: node.name,
        VERSION: rke2Version,
        ADDRESSES: node.addresses.join("\n"),
        KERNEL_MIN: kernel.oldest,
        KERNEL_MIN_EL8: kernel.oldestRedHat8,
        KERNEL_FOR: kernel.purpose,
        MODULES: lines(
            modules,
            ({ name, needed, purpose }) => `${needed ? "needed" : "useful"} ${name} ${purpose}`,
        ),
        PORTS: lines(ports, ({ protocol, number, purpose }) => `${protocol} ${number} ${purpose}`),
        ...(xdp === undefined
            ? {}
            : {
                  XDP_DEVICES: xdp.devices.join("\n"),
                  XDP_DRIVERS: lines(Object.entries(xdp.drivers), (driver) => driver.join(" ")),
              }),
        PEERS: lines(peers, ({ name, address, ports: theirs }) =>
            [name, address, ...theirs.map(({ protocol, number }) => `${number}/${protocol}`)].join(" "),
        ),
        REGISTRATION: registration,
        METHOD: install.method,
        INSTALL_URL: install.url ?? "",
        PROXY: proxy,
        FIREWALLD: firewalld,
        PREPARE: prepare ? "yes" : "no",
        SELINUX: selinux ? "yes" : "no",
        IGNORE: ignore.join("\n"),
        SECONDS_MAX: String(PREFLIGHT_SECONDS),
    };
}

function lines<Item>(items: readonly Item[], format: (item: Item) => string): string {
    return items.map(format).join("\n");
}
