import { remote } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { bashScript } from "./bash.ts";
import { connection, type SshArgs } from "./ssh-args.ts";

export interface HostScriptArgs {
    /** The host to run on. */
    readonly ssh: SshArgs;
    /** The script: a file that ends in `main </dev/null`, runs under `set -euo pipefail`, and does nothing the second time. */
    readonly file: URL;
    /** Its variables. They travel on standard input, never as arguments, so they may be secret. */
    readonly variables: Readonly<Record<string, pulumi.Input<string>>>;
    /** When the host ends it. The provider has no time limit of its own. */
    readonly timeoutSeconds: number;
}

/**
 * A script on a host, as root. It runs again whenever any of its inputs changes, a connection's key included: it must then
 * find its work done. Output is kept out of the log and secret in the state.
 */
export function hostScript(
    name: string,
    { ssh, file, variables, timeoutSeconds }: HostScriptArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): remote.Command {
    const sudo = (ssh.user ?? "root") === "root" ? "" : "sudo -n ";
    return new remote.Command(
        name,
        {
            connection: connection(ssh),
            create: `${sudo}timeout -k 10 ${timeoutSeconds} bash -euo pipefail -s`,
            stdin: pulumi.secret(pulumi.output(variables).apply((values) => bashScript(file, values))),
            // A line of 64 KiB would stop the provider for ever if it were logged, and the log is not masked.
            logging: "none",
            // The provider would send the previous output as environment, which sshd refuses or cuts off.
            addPreviousOutputInEnv: false,
        },
        pulumi.mergeOptions(opts, { additionalSecretOutputs: ["stdout", "stderr"] }),
    );
}
