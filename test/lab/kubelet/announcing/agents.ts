import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { z } from "zod";

import type { ApiClient } from "../api/client.ts";
import { Backoff } from "../backoff.ts";
import { reason, say } from "../log.ts";
import { pause } from "../pause.ts";
import type { ContainerSpec, PodObject } from "../pod/pod-object.ts";
import type { AnnouncerKind } from "./announcer.ts";

/** What Cilium's agent leaves on its host, and what tells a kubelet that pods can have a network. */
const CNI_FILE = "/etc/cni/net.d/05-cilium.conflist";
const RESOURCES = z.object({ resources: z.array(z.object({ name: z.string() })) });
/** Without these kinds of object, Cilium's agent does not begin its work. */
const NEEDED = ["ciliumnodes", "ciliumendpoints", "ciliumidentities", "ciliumnetworkpolicies"];

/** Whom a pod announces load balancer addresses for, if it is one that does. */
export function announcerKind({ spec, metadata }: PodObject): AnnouncerKind | undefined {
    if (!metadata.ownerReferences.some(({ kind }) => kind === "DaemonSet")) return undefined;
    if (spec.containers.some(({ image }) => isImage(image, "metallb/speaker"))) return "metallb";
    return spec.containers.some(isCiliumAgent) ? "cilium" : undefined;
}

/** Whether a container is Cilium's agent. */
export function isCiliumAgent({ image }: ContainerSpec): boolean {
    return isImage(image, "cilium/cilium");
}

function isImage(reference: string, name: string): boolean {
    const path = reference.replace(/@.*$/, "").replace(/:[^/]*$/, "");
    return path === name || path.endsWith(`/${name}`);
}

/** Waits as the agent itself does: until the operator has registered the kinds of object that it needs. */
export async function ciliumKindsExist(client: ApiClient, signal: AbortSignal): Promise<void> {
    const backoff = new Backoff(500, 2_000);
    let said = "";
    while (!signal.aborted) {
        try {
            const { resources } = RESOURCES.parse(await client.get("/apis/cilium.io/v2"));
            const missing = NEEDED.filter((needed) => !resources.some(({ name }) => name === needed));
            if (missing.length === 0) return;
            throw new Error(`there is no kind of object ${missing.join(", ")} yet`);
        } catch (error) {
            if (said !== reason(error)) say(`Cilium's agent waits: ${(said = reason(error))}`);
        }
        await pause(backoff.next(), signal);
    }
}

/** Whether an agent has been ready on this host, now or earlier: its network stays while the agent is replaced. */
export function hasCni(): boolean {
    return existsSync(CNI_FILE);
}

/** Simulated: the agent has been ready, and its network is there. */
export function leaveCni(): void {
    if (hasCni()) return;
    mkdirSync(dirname(CNI_FILE), { recursive: true });
    const simulated = { cniVersion: "0.3.1", name: "cilium", plugins: [{ type: "cilium-cni" }] };
    writeFileSync(CNI_FILE, `${JSON.stringify(simulated)}\n`);
}
