import type { EtcdApi } from "./etcd-api.ts";
import { refuseSkew } from "./version.ts";

/** The lab's own: where servers note in etcd what they run, so that one that does not fit is refused. */
export const VERSIONS = "/rke2.lab/version/";

/** Notes what this server runs, unless that does not fit to what it or another server has run last. */
export async function recordVersion(etcd: EtcdApi, nodeName: string, version: string): Promise<void> {
    const known = await etcd.range(VERSIONS);
    refuseSkew(version, new Map([...known].map(([key, value]) => [key.slice(VERSIONS.length), value])));
    await etcd.put(VERSIONS + nodeName, version);
}

/** Forgets a server that has left. */
export async function forgetVersion(etcd: EtcdApi, nodeName: string): Promise<void> {
    await etcd.delete(VERSIONS + nodeName);
}
