import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

/** Where an API server is and who asks it. */
export interface Credentials {
    readonly server: URL;
    readonly ca: Buffer;
    readonly certificate?: Buffer;
    readonly key?: Buffer;
    readonly token?: string;
}

const KUBECONFIG = z.object({
    "current-context": z.string(),
    contexts: z.array(
        z.object({ name: z.string(), context: z.object({ cluster: z.string(), user: z.string() }) }),
    ),
    clusters: z.array(
        z.object({
            name: z.string(),
            cluster: z.object({
                server: z.url(),
                "certificate-authority": z.string().optional(),
                "certificate-authority-data": z.string().optional(),
            }),
        }),
    ),
    users: z.array(
        z.object({
            name: z.string(),
            user: z.object({
                "client-certificate": z.string().optional(),
                "client-certificate-data": z.string().optional(),
                "client-key": z.string().optional(),
                "client-key-data": z.string().optional(),
                token: z.string().optional(),
            }),
        }),
    ),
});

/** What the current context of a kubeconfig file says. Files that it names are read too. */
export async function readKubeconfig(file: string): Promise<Credentials> {
    const {
        contexts,
        clusters,
        users,
        "current-context": current,
    } = KUBECONFIG.parse(parse(await readFile(file, "utf8")));
    const named = <T extends { name: string }>(kind: string, list: readonly T[], name: string): T => {
        const found = list.find((entry) => entry.name === name);
        if (found === undefined) throw new Error(`${file} has no ${kind} "${name}"`);
        return found;
    };
    const { context } = named("context", contexts, current);
    const { cluster } = named("cluster", clusters, context.cluster);
    const { user } = named("user", users, context.user);
    const pem = async (data: string | undefined, path: string | undefined) => {
        if (data !== undefined) return Buffer.from(data, "base64");
        return path === undefined ? undefined : readFile(resolve(dirname(file), path));
    };
    const ca = await pem(cluster["certificate-authority-data"], cluster["certificate-authority"]);
    if (ca === undefined) throw new Error(`${file} names no certificate authority`);
    const certificate = await pem(user["client-certificate-data"], user["client-certificate"]);
    const key = await pem(user["client-key-data"], user["client-key"]);
    return {
        server: new URL(cluster.server),
        ca,
        ...(certificate === undefined ? {} : { certificate }),
        ...(key === undefined ? {} : { key }),
        ...(user.token === undefined ? {} : { token: user.token }),
    };
}
