import { join } from "node:path";

import { findTool } from "../binaries/tools.ts";
import { Place } from "../hosts/lab-fixture.ts";
import { openLab, type Lab } from "../hosts/lab.ts";
import { writeInstallSite } from "./site.ts";

export const ADDRESSES = { "east-1": "10.88.1.11", "east-2": "10.88.1.12", "east-3": "10.88.1.13" } as const;
export type HostName = keyof typeof ADDRESSES;

/** What the simulated RKE2 runs, and what looks into it. */
const TOOLS = [
    ...["etcd", "etcdctl", "kubectl"],
    ...["kube-apiserver", "kube-controller-manager", "kube-scheduler"],
] as const;

/** A lab of three hosts that can install a release of the simulated RKE2. Disposing of the place ends it. */
export async function threeHosts(name: string, version: string): Promise<{ place: Place; lab: Lab }> {
    // Before the place moves the cache in which they are.
    const found = await Promise.all(TOOLS.map((tool) => findTool(tool, console.error)));
    const tools = Object.fromEntries(TOOLS.map((tool, index) => [tool, found[index]?.path ?? ""]));
    const place = new Place();
    const lab = await openLab({
        ...place.spec(name),
        hosts: Object.entries(ADDRESSES).map(([host, address]) => ({ name: host, address })),
        tools: { ...tools, node: process.execPath },
    });
    writeInstallSite(join(lab.folder, "www"), version);
    return { place, lab };
}
