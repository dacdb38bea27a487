/*
 * Simulated RKE2, for hosts of the lab only. It reads the real config.yaml and refuses what is wrong in it, joins with tokens
 * and node passwords, and leaves the files that RKE2 leaves. etcd, the API server, the controller manager and the scheduler
 * are the real ones, as child processes instead of static pods; the kubelet is simulated, too. Not there: containerd, images,
 * CNI and Helm charts of RKE2's own, snapshots, token rotation, resets. What a supervisor says to its nodes is the lab's own.
 *
 *   node main.ts VERSION server|agent
 */
import { agentSettings, serverSettings } from "./settings.ts";
import { runAgent } from "./agent.ts";
import { Children } from "./child.ts";
import { readConfigFiles } from "./config-file.ts";
import { Fatal, messageOf } from "./fatal.ts";
import { labHost, labTools } from "./lab-host.ts";
import { log } from "./log.ts";
import { PATHS } from "./paths.ts";
import { runServer } from "./server.ts";

const children = new Children();

async function run(version: string, role: string): Promise<never> {
    log.info(`Starting rke2 ${role} ${version} (simulated)`);
    const config = readConfigFiles(PATHS.config, PATHS.configParts);
    const [host, tools] = [labHost(), labTools()];
    switch (role) {
        case "server":
            return runServer(version, serverSettings(config, host), tools, children);
        case "agent":
            return runAgent(version, agentSettings(config, host), tools, children);
        default:
            throw new Fatal(`the simulated RKE2 knows server, agent and --version, not ${role}`);
    }
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

const [version = "", role = ""] = process.argv.slice(2);
try {
    await Promise.race([run(version, role), children.ended]);
} catch (error) {
    log.fatal(`starting kubernetes: ${messageOf(error)}`);
    await end(1);
}
