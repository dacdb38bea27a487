import type { LabMesh } from "../../mesh/lab-mesh.ts";

/** When a unit of RKE2 was started on a host for the first time, by the host's journal: RFC 3339, UTC. */
export async function firstStart(lab: LabMesh, host: string, unit: string): Promise<string | undefined> {
    const { status, stdout, stderr } = await lab.onHost(host, ["journalctl", "--no-pager", "-u", unit]);
    if (status !== 0) throw new Error(`reading the journal of ${host}: ${stderr.trim()}`);
    return /time="([^"]+)" level=info msg="Starting rke2 /.exec(stdout)?.[1];
}
