/*
 * `npm run lab -- COMMAND`: the mesh of stacks/lab.ts on this one Linux machine, made by the real engine. What is simulated
 * there (RKE2, systemd, the kubelet) is in rke2/, systemd/ and kubelet/; docs/lab.md says what that means.
 */
import { spawn } from "node:child_process";

import description from "../../stacks/lab.ts";
import { runCommand } from "../../ops/run-command.ts";
import { showPrograms } from "./binaries/show-programs.ts";
import { findLab } from "./hosts/open-lab.ts";
import { keyFileOf, LabMesh } from "./mesh/lab-mesh.ts";
import { report } from "./mesh/report.ts";

const USAGE = `usage: npm run lab -- [--name LAB] COMMAND

  up                     opens the lab and deploys stacks/lab.ts in it; again, it changes what has changed
  preview                what up would do
  status                 the state of the mesh
  ssh NODE [COMMAND]     logs in on a host, or runs a command there
  kubectl CLUSTER ...    kubectl, as the administrator of a cluster
  down                   ends the lab; nothing of it stays
  test [FILTER]          the end-to-end suite, in labs of its own
  programs               what the lab runs, and where it comes from; what is missing is downloaded or built

It needs Linux and root. The first time, programs are downloaded or built: see docs/lab.md.`;

/** What is going on while something else is printed. */
const tell = (line: string) => {
    console.error(line);
};

/** How long kvstoremesh may take to find its peers, once their addresses answer. */
const PAIRS_SECONDS = 180;

const print = (line: string) => {
    console.log(line);
};

/** Runs a command of the lab and gives its exit code. */
export async function main(argv: readonly string[]): Promise<number> {
    const [first, second, ...others] = argv;
    const [name, rest] = first === "--name" ? [second ?? "", others] : ["lab", argv];
    const [command = "", ...args] = rest;
    switch (command) {
        case "up":
            return up(name);
        case "preview":
            return (await (await opened(name)).attempt("preview", { onOutput })).status ?? 1;
        case "status":
            return status(await opened(name));
        case "ssh":
            return ssh(name, args);
        case "kubectl":
            return kubectl(name, args);
        case "down":
            await LabMesh.close(name);
            return 0;
        case "programs":
            print(await showPrograms(tell));
            return 0;
        case "test":
            return runCommand("vitest", ["run", "--config", "vitest.lab.config.ts", ...args], {
                env: process.env,
            });
        default:
            console.error(USAGE);
            return command === "help" || command === "--help" ? 0 : 2;
    }
}

async function up(name: string): Promise<number> {
    print(await showPrograms(tell));
    const lab = await LabMesh.open(name, description, tell);
    const { status: code = 1 } = await lab.attempt("up", { onOutput });
    if (code !== 0) return code;
    await lab.awaitPairs(PAIRS_SECONDS);
    return status(lab);
}

async function status(lab: LabMesh): Promise<number> {
    const lines = await report(lab);
    for (const line of lines) print(line);
    return lines.every((line) => line.startsWith("✔")) ? 0 : 1;
}

async function ssh(name: string, [node = "", ...command]: readonly string[]): Promise<number> {
    const lab = existing(name);
    const host = lab.hosts.find((one) => one.name === node);
    if (host === undefined) return fail(`ssh: name one of ${lab.hosts.map((one) => one.name).join(", ")}`);
    return attached(
        lab.enter([
            ...["ssh", "-i", keyFileOf(lab), "-o", "IdentitiesOnly=yes", "-o", "LogLevel=ERROR"],
            // The lab's host keys are made from names; whoever is in its network is the lab itself.
            ...["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"],
            ...[`root@${host.address}`, ...command],
        ]),
    );
}

async function kubectl(name: string, [cluster = "", ...args]: readonly string[]): Promise<number> {
    const lab = await opened(name);
    const names = lab.mesh.clusters.map((one) => one.name);
    if (!names.includes(cluster)) return fail(`kubectl: name one of ${names.join(", ")}`);
    return attached(lab.kubectlArgv(cluster, args));
}

function existing(name: string) {
    const lab = findLab(name);
    if (lab === undefined) throw new Error(`there is no lab ${name}: npm run lab -- up opens it`);
    return lab;
}

async function opened(name: string): Promise<LabMesh> {
    existing(name);
    return LabMesh.open(name, description, () => undefined);
}

/** Runs a command on this terminal. */
function attached([command = "", ...args]: readonly string[]): Promise<number> {
    const child = spawn(command, args, { stdio: "inherit" });
    return new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => {
            resolve(code ?? 1);
        });
    });
}

function onOutput(text: string): void {
    process.stdout.write(text);
}

function fail(message: string): number {
    console.error(message);
    return 2;
}

if (import.meta.main) {
    try {
        process.exitCode = await main(process.argv.slice(2));
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        process.exitCode = 1;
    }
}
