/*
 * `npm run preflight -- STACK [CLUSTER...]`: whether the hosts of a stack are fit for what is described, before anything is
 * changed on them. All hosts are asked at once, and everything they lack is told together.
 */
import { styleText } from "node:util";

import * as pulumi from "@pulumi/pulumi";

import type { Mesh } from "../model/resolved.ts";
import { loadStack } from "../stacks/load.ts";
import { findCommand } from "./find-command.ts";
import { messageOf } from "./message-of.ts";
import { preflightScript } from "./preflight-args.ts";
import { checkHosts, hostsOf } from "./preflight-hosts.ts";
import { isRefused, preflightReport, type Paint } from "./preflight-report.ts";
import { openStack } from "./stack-secrets.ts";

const USAGE = `Usage: npm run preflight -- STACK [CLUSTER...]

Asks the hosts of a stack whether they are fit for what it describes. Changes nothing. Ends with 1 if any is not.

  STACK    the environment: a module in stacks/
  CLUSTER  only the hosts of this cluster (default: of all)`;

export interface Environment {
    readonly env: NodeJS.ProcessEnv;
    /** The description of a stack, by its name. */
    readonly loadStack: (name: string) => Promise<unknown>;
    readonly stdout: { write(text: string): unknown };
    /** Where it is told how many hosts have answered, if it is a terminal. */
    readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
    /** How what goes to `stdout` is coloured. */
    readonly paint: Paint;
}

/** The preflight from its command line to its exit code. */
export async function main(argv: readonly string[], environment: Environment): Promise<0 | 1> {
    const { env, stdout, stderr, paint } = environment;
    const [name, ...clusters] = argv;
    if (name === undefined || argv.some((argument) => argument.startsWith("-"))) {
        stderr.write(`${USAGE}\n`);
        return 1;
    }
    try {
        if (findCommand("ssh", env["PATH"]) === undefined) {
            throw new pulumi.RunError("the ssh command is not on the PATH: install OpenSSH's client");
        }
        const stack = await openStack(name, { loadStack: environment.loadStack, env });
        refuseUnknown(name, stack.mesh, clusters);
        const hosts = hostsOf(stack.mesh, clusters);
        const reports = await checkHosts(hosts, {
            stack,
            scriptFor: ({ cluster, node }) => preflightScript(node, cluster, stack.mesh),
            onAnswer: (answered) => {
                if (stderr.isTTY === true) {
                    stderr.write(`\r${answered} of ${hosts.length} hosts have answered`);
                }
            },
        });
        if (stderr.isTTY === true) stderr.write("\r\u001b[2K");
        stdout.write(`${preflightReport(name, reports, paint)}\n`);
        return reports.some(isRefused) ? 1 : 0;
    } catch (error) {
        stderr.write(`${messageOf(error)}\n`);
        return 1;
    }
}

function refuseUnknown(stack: string, { clusters }: Mesh, names: readonly string[]): void {
    const known = clusters.map(({ name }) => name);
    const unknown = names.filter((name) => !known.includes(name));
    if (unknown.length > 0) {
        throw new pulumi.RunError(
            `${stack} describes no cluster ${unknown.join(", ")}; there are: ${known.join(", ")}`,
        );
    }
}

if (import.meta.main) {
    process.exitCode = await main(process.argv.slice(2), {
        env: process.env,
        loadStack,
        stdout: process.stdout,
        stderr: process.stderr,
        paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    });
}
