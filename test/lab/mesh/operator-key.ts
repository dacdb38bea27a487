import { randomBytes } from "node:crypto";

import { hostKey, type HostKeyPair } from "../hosts/host-key.ts";

/** A new key for who operates a lab. It is made as a host's key is, but from 256 random bits instead of a name. */
export function operatorKey(): HostKeyPair {
    return hostKey(randomBytes(32).toString("hex"));
}
