/*
 * `npm run restore -- STACK CLUSTER --snapshot NAME`: brings a cluster's etcd back from a snapshot, on all of its servers in the
 * right order. Every step is shown before anything is done, and a person says yes by typing the cluster's name.
 */
import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { styleText } from "node:util";

import * as pulumi from "@pulumi/pulumi";

import type { Cluster, Node } from "../model/resolved.ts";
import { loadStack } from "../stacks/load.ts";
import { findCommand } from "./find-command.ts";
import { messageOf } from "./message-of.ts";
import type { Paint } from "./preflight-report.ts";
import {
    clusterOf,
    restoreCommand,
    serversOf,
    USAGE,
    UsageError,
    type RestoreCommand,
    type Servers,
} from "./restore-args.ts";
import { askHost, type Answer } from "./restore-host.ts";
import { snapshotList } from "./restore-list.ts";
import { afterwards, indented, restorePlan, stepFailure, stepHeading } from "./restore-plan.ts";
import {
    lookScript,
    restoreSteps,
    type RestoredServer,
    type RestoreStep,
    type SnapshotSource,
} from "./restore-steps.ts";
import { atMost } from "./ssh/at-most.ts";
import { openStack, type OpenStack } from "./stack-secrets.ts";

/** How many servers are looked at at once. */
const HOSTS_AT_ONCE = 8;

export interface Environment {
    readonly env: NodeJS.ProcessEnv;
    /** The description of a stack, by its name. */
    readonly loadStack: (name: string) => Promise<unknown>;
    readonly stdout: { write(text: string): unknown };
    readonly stderr: { write(text: string): unknown };
    /** What a person answers. @default - nobody is there */
    readonly ask?: (question: string) => Promise<string>;
    /** How what goes to `stdout` is coloured. */
    readonly paint: Paint;
}

/** A restore from its command line to its exit code. */
export async function main(argv: readonly string[], environment: Environment): Promise<0 | 1> {
    const { env, stderr } = environment;
    try {
        const command = restoreCommand(argv);
        if (findCommand("ssh", env["PATH"]) === undefined) {
            throw new pulumi.RunError("the ssh command is not on the PATH: install OpenSSH's client");
        }
        const stack = await openStack(command.stack, { loadStack: environment.loadStack, env });
        const cluster = clusterOf(stack.mesh, command.stack, command.cluster);
        return command.kind === "list"
            ? await list(stack, cluster, environment)
            : await restore(stack, cluster, command, environment);
    } catch (error) {
        stderr.write(
            error instanceof UsageError ? `${error.message}\n\n${USAGE}\n` : `${messageOf(error)}\n`,
        );
        return 1;
    }
}

async function list(stack: OpenStack, cluster: Cluster, { stdout, paint }: Environment): Promise<0 | 1> {
    const { text, complete } = await snapshotList(stack, cluster, paint);
    stdout.write(`${text}\n`);
    return complete ? 0 : 1;
}

async function restore(
    stack: OpenStack,
    cluster: Cluster,
    command: Extract<RestoreCommand, { kind: "restore" }>,
    environment: Environment,
): Promise<0 | 1> {
    const { stdout, paint } = environment;
    const servers = serversOf(cluster, command.on);
    const source = sourceOf(stack, cluster, command);
    refuseUnasked(command, environment);
    const { found, begun } = await look(stack, servers, source);
    const goingOn = command.anew ? undefined : begun;
    const steps = restoreSteps({
        id: goingOn?.id ?? randomUUID(),
        source,
        first: restored(servers.first),
        others: servers.others.map(restored),
    });
    const plan = {
        stack: command.stack,
        cluster: cluster.name,
        first: servers.first.name,
        snapshot: command.snapshot,
        found,
        ...(goingOn === undefined ? {} : { begun: goingOn.at }),
        lost: cluster.servers.filter(({ lost }) => lost).map(({ name }) => name),
        steps,
    };
    stdout.write(`${restorePlan(plan, paint)}\n\n`);
    if (!command.yes) await askFor(cluster.name, environment);

    let said = "";
    for (const [index, step] of steps.entries()) {
        stdout.write(`${stepHeading(step, index, steps.length, paint)}\n`);
        const answer = await take(stack, servers, step, source);
        if (!answer.done) {
            stdout.write(`${stepFailure(step, index, steps, answer.why, paint)}\n`);
            return 1;
        }
        said = answer.said;
        // The last one answers with the nodes, which are told below.
        if (step.name !== "finish") stdout.write(`${indented(said)}\n`);
    }
    const nodes = {
        described: [...cluster.servers, ...cluster.agents]
            .filter(({ lost }) => !lost)
            .map(({ name }) => name),
        known: nodesIn(said),
    };
    stdout.write(`\n${afterwards(plan, nodes, paint)}\n`);
    return 0;
}

/** What can be refused before any host is asked. */
function refuseUnasked({ yes }: { readonly yes: boolean }, { ask }: Environment): void {
    if (!yes && ask === undefined) {
        throw new pulumi.RunError(
            "there is no terminal to ask on, and a restore takes back what the cluster has stored since: add --yes if that is meant",
        );
    }
}

function sourceOf(
    stack: OpenStack,
    { name, rke2 }: Cluster,
    { snapshot, fromS3 }: { readonly snapshot: string; readonly fromS3: boolean },
): SnapshotSource {
    if (!fromS3) return { snapshot };
    const s3 = rke2.snapshots?.s3;
    if (s3 === undefined) throw new UsageError(`--from-s3: ${name} describes no rke2.snapshots.s3`);
    const { endpoint, bucket, region, folder = name, accessKey, secretKey } = s3;
    return {
        snapshot,
        s3: {
            endpoint,
            bucket,
            ...(region === undefined ? {} : { region }),
            folder,
            accessKey: stack.secret(accessKey),
            secretKey: stack.secret(secretKey),
        },
    };
}

interface Looked {
    /** What the first server says of the snapshot. */
    readonly found: string;
    /** An earlier run of the same restore that did not come to its end. */
    readonly begun?: { readonly id: string; readonly at: string };
}

/** Asks all servers at once, before anything is changed on any: a restore needs every one of them. */
async function look(stack: OpenStack, { first, others }: Servers, source: SnapshotSource): Promise<Looked> {
    const answers = await atMost(HOSTS_AT_ONCE, [first, ...others], async (server) => ({
        server,
        answer: await askHost(
            stack,
            server,
            lookScript(server.name, server === first ? source : undefined),
            secretsOf(source),
        ),
    }));
    const failures = answers.flatMap(({ server, answer }) =>
        answer.done ? [] : [`✖ ${server.name}\n${indented(answer.why)}`],
    );
    const [one] = answers;
    if (failures.length > 0 || one?.answer.done !== true) {
        throw new pulumi.RunError(
            [
                ...failures,
                "Nothing was changed. A server that is gone for good is described with lost: true.",
            ].join("\n"),
        );
    }
    const lines = one.answer.said.split("\n");
    const [begun] = lines.flatMap((line) => {
        const [kind, id, at] = line.split("\t");
        return kind === "begun" && id !== undefined && at !== undefined ? [{ id, at }] : [];
    });
    return {
        found: lines.filter((line) => !line.startsWith("begun\t")).join("\n"),
        ...(begun === undefined ? {} : { begun }),
    };
}

function take(
    stack: OpenStack,
    { first, others }: Servers,
    { server, script }: RestoreStep,
    source: SnapshotSource,
): Promise<Answer> {
    const node = [first, ...others].find(({ name }) => name === server.name) ?? first;
    return askHost(stack, node, script, secretsOf(source));
}

function secretsOf({ s3 }: SnapshotSource): string[] {
    return s3 === undefined ? [] : [s3.accessKey, s3.secretKey];
}

function restored({ name, addresses, ssh }: Node): RestoredServer {
    return { name, address: addresses[0] ?? ssh.host };
}

async function askFor(cluster: string, { ask }: Environment): Promise<void> {
    const answer = await ask?.("Type the name of the cluster to begin: ");
    if (answer?.trim() !== cluster) throw new pulumi.RunError("that is not its name: nothing was changed");
}

function nodesIn(said: string): string[] {
    return said.split("\n").flatMap((line) => {
        const [kind, name] = line.split("\t");
        return kind === "node" && name !== undefined ? [name] : [];
    });
}

async function askOnTerminal(question: string): Promise<string> {
    const terminal = createInterface({ input: process.stdin, output: process.stdout });
    try {
        // Whoever ends the input has not said yes.
        const closed = new Promise<string>((resolve) =>
            terminal.once("close", () => {
                resolve("");
            }),
        );
        return await Promise.race([terminal.question(question), closed]);
    } finally {
        terminal.close();
    }
}

if (import.meta.main) {
    process.exitCode = await main(process.argv.slice(2), {
        env: process.env,
        loadStack,
        stdout: process.stdout,
        stderr: process.stderr,
        ...(process.stdin.isTTY && process.stdout.isTTY ? { ask: askOnTerminal } : {}),
        paint: (style, text) => styleText(style, text, { stream: process.stdout }),
    });
}
