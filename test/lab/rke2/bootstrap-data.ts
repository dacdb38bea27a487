import type { ClusterKeys } from "./cluster-keys.ts";
import { serializeKeys } from "./cluster-keys.ts";
import type { EtcdApi } from "./etcd-api.ts";
import { Fatal } from "./fatal.ts";
import { seal, tokenFingerprint } from "./sealed.ts";

const PREFIX = "/bootstrap/";

/** Keeps the cluster's keys in etcd, sealed with the token; a cluster that has them with another token is refused. */
export async function keepBootstrapData(api: EtcdApi, keys: ClusterKeys, secret: string): Promise<void> {
    const known = [...(await api.range(PREFIX)).keys()];
    const key = PREFIX + tokenFingerprint(secret);
    if (known.includes(key)) return;
    if (known.length > 0) {
        throw new Fatal("bootstrap data already found and encrypted with different token");
    }
    await api.put(key, seal(serializeKeys(keys), secret));
}
