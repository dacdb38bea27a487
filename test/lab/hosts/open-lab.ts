import { spawn } from "node:child_process";
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { webCertificate } from "../web/certificate.ts";
import { closeLab } from "./close-lab.ts";
import { TRUST_STORES, writeImage } from "./image.ts";
import { LabFolder, labsFolder } from "./lab-folder.ts";
import { BRIDGE, labNameProblems, specProblems, type LabSpec } from "./lab-spec.ts";
import { Lab } from "./running-lab.ts";
import { hostsFile } from "./names.ts";
import { insideLab } from "./namespaces.ts";
import { machineProblems } from "./needed-programs.ts";
import { ENVIRONMENT } from "./run.ts";

const INIT = fileURLToPath(new URL("lab-init.sh", import.meta.url));
const WEB_SERVER = fileURLToPath(new URL("../web/main.ts", import.meta.url));

/**
 * Opens a lab: its network, its web server and its hosts, each with an SSH server that answers. It stays when the caller has
 * ended, until it is closed. What fails here leaves nothing behind.
 */
export async function openLab(spec: LabSpec): Promise<Lab> {
    const problems = [...machineProblems(), ...specProblems(spec), ...missingTools(spec)];
    if (problems.length > 0)
        throw new Error(`the lab cannot be opened:\n${problems.map((p) => `  ${p}`).join("\n")}`);
    const folder = LabFolder.create(spec);
    try {
        await writeFiles(folder, spec);
        await startInit(folder);
        await writeImage(insideLab(folder, folder.disks), folder, spec);
        const lab = new Lab(folder);
        await Promise.all([startWeb(lab, spec), lab.bootAll()]);
        return lab;
    } catch (error) {
        await closeLab(spec.name);
        throw error;
    }
}

/** The lab of that name, broken ones too; `undefined` where there is none. */
export function findLab(name: string): Lab | undefined {
    if (labNameProblems(name).length > 0) return undefined;
    const folder = new LabFolder(join(labsFolder(), name));
    return folder.isReadable() ? new Lab(folder) : undefined;
}

function missingTools({ tools }: LabSpec): string[] {
    return Object.entries(tools)
        .filter(([, path]) => !existsSync(path))
        .map(([tool, path]) => `${tool} is not at ${path}`);
}

async function writeFiles(folder: LabFolder, spec: LabSpec): Promise<void> {
    writeFileSync(folder.names, hostsFile(spec), { mode: 0o644 });
    writeFileSync(join(folder.path, "resolv.conf"), "nameserver 127.0.0.1\n", { mode: 0o644 });
    const web = await webCertificate(spec.sites);
    const store = TRUST_STORES.find((path) => existsSync(path));
    const trusted = store === undefined ? "" : readFileSync(store, "utf8");
    writeFileSync(folder.webCa, web.ca);
    writeFileSync(folder.trust, `${trusted.trimEnd()}\n${web.ca}`.trimStart());
    writeFileSync(join(folder.path, "web/certificate.pem"), web.certificate);
    writeFileSync(join(folder.path, "web/key.pem"), web.key, { mode: 0o600 });
}

/** Starts the lab's first process, in its namespaces, and waits until the network is there. */
async function startInit(folder: LabFolder): Promise<void> {
    const log = openSync(folder.log("lab"), "a");
    const bash = ["bash", INIT, folder.path, `${BRIDGE}/16`];
    const child = spawn("unshare", ["--net", "--mount", "--pid", "--fork", "--", ...bash], {
        cwd: "/",
        detached: true,
        env: ENVIRONMENT,
        stdio: ["ignore", "pipe", log],
    });
    closeSync(log);
    const ready = await new Promise<boolean>((resolve, reject) => {
        child.on("error", reject);
        child.stdout?.once("data", () => {
            resolve(true);
        });
        child.once("exit", () => {
            resolve(false);
        });
    });
    if (!ready) {
        const said = readFileSync(folder.log("lab"), "utf8").trim();
        throw new Error(`the lab's namespaces and network could not be made: ${said}`);
    }
    child.stdout?.destroy();
    child.unref();
}

async function startWeb(lab: Lab, { sites }: LabSpec): Promise<void> {
    if (sites.length > 0) await lab.launch("web", [process.execPath, WEB_SERVER, lab.folder, BRIDGE]);
}
