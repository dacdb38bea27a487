import { restoreSteps, lookScript, type RestoredServer } from "../../../../ops/restore-steps.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { endedWithInput } from "../with-input.ts";

interface Restoring {
    /** The server that has the snapshot. */
    readonly first: string;
    readonly others: readonly string[];
    readonly snapshot: string;
}

/** Brings the cluster's etcd back from a snapshot, by the steps of `npm run restore` in their order. */
export async function restore(lab: LabMesh, { first, others, snapshot }: Restoring): Promise<void> {
    const source = { snapshot };
    const servers = { first: serverOf(lab, first), others: others.map((name) => serverOf(lab, name)) };
    await takeStep(lab, first, lookScript(first, source));
    for (const name of others) await takeStep(lab, name, lookScript(name));
    for (const { server, script } of restoreSteps({ id: `lab-${snapshot}`, source, ...servers })) {
        await takeStep(lab, server.name, script);
    }
}

function serverOf({ mesh }: LabMesh, name: string): RestoredServer {
    const found = mesh.clusters.flatMap(({ servers }) => servers).find((server) => server.name === name);
    const address = found?.addresses[0];
    if (address === undefined) throw new Error(`the lab has no server ${name}`);
    return { name, address };
}

async function takeStep(lab: LabMesh, host: string, script: string): Promise<void> {
    const argv = lab.lab.enterHost(host, ["bash", "-euo", "pipefail", "-s"]);
    const { status, stdout, stderr } = await endedWithInput(argv, script);
    if (status !== 0) throw new Error(`a step of the restore on ${host}: ${stderr.trim()}\n${stdout.trim()}`);
}
