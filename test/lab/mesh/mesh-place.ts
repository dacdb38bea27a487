import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { Tools } from "../binaries/tools.ts";
import type { EnginePlace } from "../engine/engine.ts";
import { run, SYSTEM_PATH } from "../hosts/run.ts";
import type { Lab } from "../hosts/lab.ts";
import { writePlugins } from "../plugins/write-plugins.ts";

/** The programs that the engine and the program find by name. */
const ON_PATH = [
    "kubectl",
    "pulumi",
    "pulumi-resource-kubernetes",
    "pulumi-resource-tls",
    "pulumi-resource-command",
] as const;

/** Lays out what the engine of a lab needs, in a folder that goes with the lab. */
export async function makeEnginePlace(
    lab: Lab,
    { tools, stack, sshKey }: { readonly tools: Tools; readonly stack: string; readonly sshKey: string },
): Promise<EnginePlace> {
    const folder = join(lab.folder, "engine");
    const bin = join(folder, "bin");
    const state = join(folder, "state");
    const temporary = join(folder, "tmp");
    const home = join(folder, "home");
    await Promise.all(
        [bin, state, temporary, home].map((path) => mkdir(path, { recursive: true, mode: 0o700 })),
    );
    const passphrase = join(folder, "passphrase");
    if (!existsSync(passphrase)) {
        await writeFile(passphrase, randomBytes(24).toString("hex"), { mode: 0o600 });
        // First the stand-ins: the official plugins, where they are, take their places.
        writePlugins(bin, process.execPath);
        for (const name of ON_PATH) {
            const tool = tools[name];
            if (tool !== undefined) await replaceLink(tool.path, join(bin, name));
        }
    }
    return {
        folder: join(folder, "stack"),
        stack,
        enter: (argv) => lab.enter(argv),
        node: process.execPath,
        secrets: { sshPrivateKey: sshKey },
        env: {
            PATH: `${bin}:${SYSTEM_PATH}`,
            HOME: home,
            LANG: "C.UTF-8",
            TMPDIR: temporary,
            PULUMI_HOME: join(home, ".pulumi"),
            // Without it a file of metadata is written beside the state in place, and a kill just then leaves half of it:
            // the engine then refuses the state ("failed to load checkpoint: EOF"). The README says so too.
            PULUMI_BACKEND_URL: `file://${state}?metadata=skip`,
            PULUMI_CONFIG_PASSPHRASE_FILE: passphrase,
            // Plugins are those of `bin`; nothing is fetched, nothing is looked up.
            PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
            PULUMI_SKIP_UPDATE_CHECK: "true",
            // Helm's repositories are the lab's own web server.
            SSL_CERT_FILE: lab.trustFile,
        },
    };
}

async function replaceLink(target: string, path: string): Promise<void> {
    await run(`placing ${path}`, ["ln", "-sfn", target, path]);
}
