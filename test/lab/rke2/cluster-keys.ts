import { randomBytes } from "node:crypto";
import { join } from "node:path";

import { z } from "zod";

import { newCa, newKey, type KeyPair } from "./certificate.ts";
import { readIfThere, writePrivate } from "./files.ts";
import { PATHS } from "./paths.ts";

const Pair = z.object({ certificate: z.string(), key: z.string() });

const ClusterKeys = z.object({
    server: Pair,
    client: Pair,
    requestHeader: Pair,
    etcdServer: Pair,
    etcdPeer: Pair,
    /** Signs the tokens of service accounts. */
    service: z.string(),
    /** The API servers' configuration of how Secrets are encrypted in etcd. */
    encryption: z.string(),
});

/** What all servers of a cluster share, and nobody else has: the CAs with their keys. */
export type ClusterKeys = z.infer<typeof ClusterKeys>;

/** The keys of a new cluster. */
export async function newClusterKeys(): Promise<ClusterKeys> {
    const at = Math.floor(Date.now() / 1000);
    return {
        server: await newCa(`rke2-server-ca@${at}`),
        client: await newCa(`rke2-client-ca@${at}`),
        requestHeader: await newCa(`rke2-request-header-ca@${at}`),
        etcdServer: await newCa(`etcd-server-ca@${at}`),
        etcdPeer: await newCa(`etcd-peer-ca@${at}`),
        service: newKey(),
        encryption: encryptionConfig(),
    };
}

/** The keys on this server's disk, or `undefined`. */
export function storedClusterKeys(): ClusterKeys | undefined {
    const pair = (name: string) => ({
        certificate: readIfThere(join(PATHS.tls, `${name}.crt`)),
        key: readIfThere(join(PATHS.tls, `${name}.key`)),
    });
    const stored = ClusterKeys.safeParse({
        server: pair("server-ca"),
        client: pair("client-ca"),
        requestHeader: pair("request-header-ca"),
        etcdServer: pair("etcd/server-ca"),
        etcdPeer: pair("etcd/peer-ca"),
        service: readIfThere(join(PATHS.tls, "service.key")),
        encryption: readIfThere(ENCRYPTION_FILE),
    });
    return stored.success ? stored.data : undefined;
}

/** Puts the keys where RKE2 has them. */
export function storeClusterKeys(keys: ClusterKeys): void {
    const pair = (name: string, { certificate, key }: KeyPair) => {
        writePrivate(join(PATHS.tls, `${name}.crt`), certificate);
        writePrivate(join(PATHS.tls, `${name}.key`), key);
    };
    pair("server-ca", keys.server);
    pair("client-ca", keys.client);
    pair("request-header-ca", keys.requestHeader);
    pair("etcd/server-ca", keys.etcdServer);
    pair("etcd/peer-ca", keys.etcdPeer);
    writePrivate(join(PATHS.tls, "service.key"), keys.service);
    writePrivate(ENCRYPTION_FILE, keys.encryption);
}

/** As text, to be sealed. */
export function serializeKeys(keys: ClusterKeys): string {
    return JSON.stringify(keys);
}

/** From text that was sealed. */
export function parseKeys(text: string): ClusterKeys {
    return ClusterKeys.parse(JSON.parse(text));
}

/** RKE2 always encrypts Secrets. */
export const ENCRYPTION_FILE = join(PATHS.cred, "encryption-config.json");

function encryptionConfig(): string {
    const key = { name: "aescbckey", secret: randomBytes(32).toString("base64") };
    return JSON.stringify({
        kind: "EncryptionConfiguration",
        apiVersion: "apiserver.config.k8s.io/v1",
        resources: [{ resources: ["secrets"], providers: [{ aescbc: { keys: [key] } }, { identity: {} }] }],
    });
}
