import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

import { ENVIRONMENT } from "../../hosts/run.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { ended } from "../../mesh/run-in-lab.ts";

/** A Helm release in a cluster. */
export interface HelmRelease {
    readonly cluster: string;
    readonly release: string;
}

/** Helm's records of this release's installations that go on or were cut off, by their ids. */
export async function installingNow(
    lab: LabMesh,
    { cluster, release }: HelmRelease,
): Promise<ReadonlySet<string>> {
    const argv = lab.kubectlArgv(cluster, [
        ...records(release),
        "--output=jsonpath={.items[*].metadata.uid}",
    ]);
    const { status, stdout, stderr } = await ended(argv);
    if (status !== 0) throw new Error(`asking ${cluster} for Helm's records of ${release}: ${stderr.trim()}`);
    return new Set(stdout.split(" ").filter((uid) => uid !== ""));
}

/** Calls back as soon as Helm has noted that it installs a release, other than those noted before. Gives what ends the watch. */
export function whenInstalling(
    lab: LabMesh,
    { before, cluster, release }: HelmRelease & { readonly before: ReadonlySet<string> },
    then: () => void,
): () => void {
    const [command = "", ...args] = lab.kubectlArgv(cluster, [
        ...records(release),
        "--output=jsonpath={.metadata.uid}{'\\n'}",
        "--watch",
    ]);
    const child = spawn(command, args, { env: ENVIRONMENT, stdio: ["ignore", "pipe", "ignore"] });
    createInterface(child.stdout).on("line", (uid) => {
        if (!before.has(uid)) then();
    });
    return () => {
        child.kill("SIGKILL");
    };
}

function records(release: string): readonly string[] {
    const selector = `owner=helm,name=${release},status=pending-install`;
    return ["get", "secrets", "--all-namespaces", `--selector=${selector}`];
}
