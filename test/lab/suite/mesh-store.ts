import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { meshApiAddresses } from "../../../model/mesh-api.ts";
import type { LabMesh } from "../mesh/lab-mesh.ts";
import { readSecret } from "./checks/read-secret.ts";

const FILES = ["ca.crt", "tls.crt", "tls.key"] as const;

/** The keys below a prefix in the store of a cluster's mesh API: its own Services and nodes, and what it knows of its peers'. */
export async function keysInStore(lab: LabMesh, cluster: string, prefix: string): Promise<string[]> {
    const secret = await readSecret(lab, cluster, "clustermesh-apiserver-admin-cert");
    const folder = await mkdtemp(join(lab.lab.folder, "admin-"));
    try {
        for (const file of FILES) {
            await writeFile(join(folder, file), secret[file] ?? "", { mode: 0o600 });
        }
        const { meshApi } = lab.cluster(cluster);
        const [address = ""] = meshApiAddresses(lab.cluster(cluster));
        const { status, stdout, stderr } = await lab.inLab([
            ...["env", "ETCDCTL_API=3", lab.tools.etcdctl.path],
            ...["--endpoints", `https://${address}:${meshApi.port}`, "--command-timeout", "10s"],
            ...["--cacert", join(folder, "ca.crt")],
            ...["--cert", join(folder, "tls.crt"), "--key", join(folder, "tls.key")],
            ...["get", "--prefix", "--keys-only", prefix],
        ]);
        if (status !== 0) throw new Error(`the store of ${cluster} cannot be read: ${stderr.trim()}`);
        return stdout.split("\n").filter((key) => key !== "");
    } finally {
        await rm(folder, { recursive: true });
    }
}
