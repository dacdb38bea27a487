import { lookup } from "node:dns/promises";

import { Fatal } from "./fatal.ts";

/**
 * The address of another server of the cluster, where `server` of the configuration may be a name that all servers share,
 * this one too. Members of etcd are certified under their addresses alone.
 */
export async function otherServer(server: string, ownAddress: string): Promise<string> {
    const name = new URL(server).hostname.replace(/^\[|\]$/g, "");
    const addresses = await lookup(name, { all: true });
    const other = addresses.find(({ address }) => address !== ownAddress);
    if (other === undefined) throw new Fatal(`${name} is no address of another server`);
    return other.address;
}
