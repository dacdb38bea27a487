/*
 * Simulated RKE2, for hosts of the lab only. It reads the real config.yaml and refuses what is wrong in it, joins with tokens
 * and node passwords, and leaves the files that RKE2 leaves. etcd, the API server, the controller manager and the scheduler
 * are the real ones, as child processes instead of static pods; the kubelet is simulated, too. Snapshots, resets and rotations
 * are carried out on the real etcd. Not there: containerd, images, CNI and Helm charts of RKE2's own, S3, scheduled snapshots.
 * What a supervisor says to its nodes is the lab's own, and every release runs the one API server that the lab has.
 *
 *   node main.ts VERSION server|agent [FLAGS]
 *   node main.ts VERSION etcd-snapshot save|list|delete|prune [FLAGS]
 *   node main.ts VERSION token rotate [FLAGS]
 *   node main.ts VERSION certificate rotate
 */
import { rke2Knows } from "../../../model/support/rke2-keys.ts";
import { agentSettings, serverSettings } from "./settings.ts";
import { runAgent } from "./agent.ts";
import { certificateCommand } from "./certificate-command.ts";
import { Children } from "./child.ts";
import { resetCluster } from "./cluster-reset.ts";
import { readCommandLine, withFlags } from "./command-line.ts";
import { readConfigFiles, type ConfigValues } from "./config-file.ts";
import { Fatal, messageOf } from "./fatal.ts";
import { labHost, labTools } from "./lab-host.ts";
import { log } from "./log.ts";
import { PATHS } from "./paths.ts";
import { runServer } from "./server.ts";
import { snapshotCommand } from "./snapshot-command.ts";
import { isServiceRunning } from "./service.ts";
import { tokenCommand } from "./token-command.ts";
import { parseRelease } from "./version.ts";

const SWITCHES = ["cluster-reset", "debug", "disable-kube-proxy", "embedded-registry", "etcd-s3", "selinux"];

const children = new Children();

async function run(version: string, command: string, args: readonly string[]): Promise<void> {
    parseRelease(version);
    const [host, tools] = [labHost(), labTools()];
    switch (command) {
        case "server": {
            log.info(`Starting rke2 ${command} ${version} (simulated)`);
            const settings = serverSettings(configured(command, args), host);
            if (settings.clusterReset) return resetCluster(settings, tools, children);
            return runServer(version, settings, tools, children);
        }
        case "agent":
            log.info(`Starting rke2 ${command} ${version} (simulated)`);
            return runAgent(version, agentSettings(configured(command, args), host), tools, children);
        case "etcd-snapshot":
            return snapshotCommand(args, readConfigFiles(PATHS.config), host.name, tools);
        case "token":
            return tokenCommand(args);
        case "certificate":
            certificateCommand(args, isServiceRunning());
            return;
        default:
            throw new Fatal(
                `the simulated RKE2 knows server, agent, etcd-snapshot, token, certificate and --version, not ${command}`,
            );
    }
}

/** What the files of the configuration say, or those that `--config` names, and the flags. */
function configured(role: "server" | "agent", args: readonly string[]): ConfigValues {
    const { flags } = readCommandLine(args, (flag) => rke2Knows(role, flag), SWITCHES);
    return withFlags(readConfigFiles(flags.get("config")?.at(-1) ?? PATHS.config), flags);
}

async function end(code: number): Promise<never> {
    await children.stop();
    process.exit(code);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
        log.info(`Received ${signal}, stopping`);
        void end(0);
    });
}

const [version = "", command = "", ...args] = process.argv.slice(2);
// Flags may hold a token, and everyone on the host sees them: RKE2 hides them, too.
if (args.length > 0) process.title = `rke2 ${command}`;
try {
    await Promise.race([run(version, command, args), children.ended]);
    await end(0);
} catch (error) {
    const doing = command === "server" || command === "agent" ? "starting kubernetes" : "Error";
    log.fatal(`${doing}: ${messageOf(error)}`);
    await end(1);
}
