import type { ClusterKeys } from "./cluster-keys.ts";
import { parseKeys, serializeKeys } from "./cluster-keys.ts";
import type { EtcdApi } from "./etcd-api.ts";
import { Fatal } from "./fatal.ts";
import { seal, tokenFingerprint, unseal } from "./sealed.ts";

const PREFIX = "/bootstrap/";
const OTHER_TOKEN = "bootstrap data already found and encrypted with different token";

/** Keeps the cluster's keys in etcd, sealed with the token; a cluster that has them with another token is refused. */
export async function keepBootstrapData(api: EtcdApi, keys: ClusterKeys, secret: string): Promise<void> {
    const known = [...(await api.range(PREFIX)).keys()];
    const key = PREFIX + tokenFingerprint(secret);
    if (known.includes(key)) return;
    if (known.length > 0) throw new Fatal(OTHER_TOKEN);
    await api.put(key, seal(serializeKeys(keys), secret));
}

/** Seals the cluster's keys in etcd with another token. */
export async function replaceBootstrapData(api: EtcdApi, keys: ClusterKeys, secret: string): Promise<void> {
    const key = PREFIX + tokenFingerprint(secret);
    const known = [...(await api.range(PREFIX)).keys()];
    await api.put(key, seal(serializeKeys(keys), secret));
    for (const old of known) if (old !== key) await api.delete(old);
}

/** The cluster's keys among what etcd has, or an error if they were sealed with another token. */
export function openBootstrapData(found: ReadonlyMap<string, string>, secret: string): ClusterKeys {
    const sealed = found.get(PREFIX + tokenFingerprint(secret));
    if (sealed !== undefined) return parseKeys(unseal(sealed, secret));
    throw new Fatal(found.size > 0 ? OTHER_TOKEN : "etcd has no bootstrap data: it is none of RKE2's");
}
