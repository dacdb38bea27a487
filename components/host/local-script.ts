import { local } from "@pulumi/command";
import * as pulumi from "@pulumi/pulumi";

import { bashScript } from "./bash.ts";

export interface LocalScriptArgs {
    /** How the cluster's API is reached from here. */
    readonly kubeconfig: pulumi.Input<string>;
    /** The script: a file as `hostScript` takes it, which asks a cluster with KUBECTL, KUBECONFIG and ROOT. */
    readonly file: URL;
    /** Its variables. They travel on standard input, never as arguments, so they may be secret. */
    readonly variables: Readonly<Record<string, string>>;
    /** When it is ended. The provider has no time limit of its own. */
    readonly timeoutSeconds: number;
}

const KUBECONFIG = new URL("parts/local-kubeconfig.sh", import.meta.url);

/**
 * A script on the machine that runs Pulumi, for a cluster none of whose machines can be logged in to. It runs as who runs
 * Pulumi, with their environment, as a kubeconfig may name a command that needs it. Its kubeconfig lies in a file of its own,
 * as long as it runs. It runs again whenever any of its inputs changes. Output is kept out of the log and secret in the state.
 */
export function localScript(
    name: string,
    { kubeconfig, file, variables, timeoutSeconds }: LocalScriptArgs,
    opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
): local.Command {
    return new local.Command(
        name,
        {
            create: `timeout -k 10 ${timeoutSeconds} bash -euo pipefail -s`,
            stdin: pulumi.secret(
                pulumi
                    .output(kubeconfig)
                    .apply(
                        (text) =>
                            bashScript(KUBECONFIG, { KUBECONFIG_TEXT: text }) + bashScript(file, variables),
                    ),
            ),
            // As with hostScript: the log is not masked, and previous output is of no use.
            logging: "none",
            addPreviousOutputInEnv: false,
        },
        pulumi.mergeOptions(opts, { additionalSecretOutputs: ["stdout", "stderr"] }),
    );
}
