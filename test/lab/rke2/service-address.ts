import { execFileSync } from "node:child_process";

import { Address4, Address6 } from "ip-address";

import { Fatal, messageOf } from "./fatal.ts";
import { log } from "./log.ts";

/** The address of the Service `kubernetes`: the first one of the first range. */
export function kubernetesServiceAddress(serviceCidr: string): string {
    const [first = ""] = serviceCidr.split(",");
    try {
        return first.includes(":")
            ? new Address6(first).startAddressExclusive().correctForm()
            : new Address4(first).startAddressExclusive().correctForm();
    } catch (error) {
        throw new Fatal(`invalid service-cidr ${first}: ${messageOf(error)}`);
    }
}

/**
 * Has this host answer at the address of the Service `kubernetes`. There is no proxy for Services in the lab; with this, pods
 * reach the API on their own host under an address that the API server's certificate has.
 */
export function holdServiceAddress(address: string): void {
    const family = address.includes(":") ? ["-6"] : [];
    const length = address.includes(":") ? "128" : "32";
    try {
        const label = address.includes(":") ? [] : ["label", "lo:rke2"];
        execFileSync("ip", [...family, "addr", "replace", `${address}/${length}`, "dev", "lo", ...label], {
            stdio: ["ignore", "ignore", "pipe"],
            encoding: "utf8",
        });
    } catch (error) {
        log.warning(`pods will not reach the API at ${address}: ${messageOf(error)}`);
    }
}
