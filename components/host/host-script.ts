import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { bashScript, REMOVE } from "./bash.ts";
import { connection, type SshArgs } from "./ssh-args.ts";

/** For the script of a host that is gone: nothing is asked of it, and it is forgotten without a word to the host. */
export const LEFT_ALONE = {
    ignoreChanges: ["connection", "create", "update", "delete", "stdin"],
    retainOnDelete: true,
};

export interface HostScriptArgs {
    /** The host to run on. */
    readonly ssh: SshArgs;
    /** The script: a file that ends in `main </dev/null`, runs under `set -euo pipefail`, and does nothing the second time. */
    readonly file: URL;
    /** A script of the same kind that undoes it when the resource is deleted, with the same variables. @default - nothing is undone */
    readonly remove?: URL;
    /** Tells the script by its first argument, `again`, that it has done its work on this host before. @default false */
    readonly tellsAgain?: boolean;
    /** Its variables. They travel on standard input, never as arguments, so they may be secret. */
    readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
    /** When the host ends it. The provider has no time limit of its own. */
    readonly timeoutSeconds: number;
}

/**
 * A script on a host, as root. It runs again whenever any of its inputs changes, a connection's key included: it must then
 * find its work done. Nothing must ever replace it (no `triggers`): the new one would run first, and the old one's removal
 * would undo it. Output is kept out of the log and secret in the state.
 */
export function hostScript(
    name: string,
    { ssh, file, remove, tellsAgain = false, variables, timeoutSeconds }: HostScriptArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): remote.Command {
    const sudo = (ssh.user ?? "root") === "root" ? "" : "sudo -n ";
    const bash = `${sudo}timeout -k 10 ${timeoutSeconds} bash -euo pipefail -s`;
    return new remote.Command(
        name,
        {
            connection: connection(ssh),
            create: bash,
            ...(tellsAgain ? { update: `${bash} -- again` } : {}),
            ...(remove === undefined ? {} : { delete: `${bash} -- ${REMOVE}` }),
            stdin: pulumi.secret(
                pulumi.output(variables).apply((values) => bashScript(file, values, remove)),
            ),
            // A line of 64 KiB would stop the provider for ever if it were logged, and the log is not masked.
            logging: "none",
            // The provider would send the previous output as environment, which sshd refuses or cuts off.
            addPreviousOutputInEnv: false,
        },
        pulumi.mergeOptions(opts, { additionalSecretOutputs: ["stdout", "stderr"] }),
    );
}
