import { z } from "zod";

import { kubernetesServiceAddress } from "./service-address.ts";
import type { ServerSettings } from "./settings.ts";

/*
 * What supervisors and nodes of the simulated RKE2 say to each other. The paths resemble RKE2's; what is sent is the lab's own.
 */

/** The supervisor's port. */
export const SUPERVISOR_PORT = 9345;

export const ROUTES = {
    ping: "/ping",
    ca: "/cacerts",
    bootstrap: "/v1-rke2/server-bootstrap",
    token: "/v1-rke2/token",
    config: "/v1-rke2/config",
    apiServers: "/v1-rke2/apiservers",
    kubeletCertificate: "/v1-rke2/client-kubelet.crt",
} as const;

/** How a node names itself. */
export const NODE_HEADERS = { name: "rke2-node-name", password: "rke2-node-password" } as const;

/** What must be the same on all servers, as RKE2's documentation lists it. */
export const CriticalConfig = z.object({
    "cluster-cidr": z.string(),
    "service-cidr": z.string(),
    "cluster-dns": z.string(),
    "cluster-domain": z.string(),
    "disable-cloud-controller": z.boolean(),
    "disable-kube-proxy": z.boolean(),
    "egress-selector-mode": z.string(),
});
export type CriticalConfig = z.infer<typeof CriticalConfig>;

/** What a joining server gets: the cluster's keys, sealed with the token, and what it must agree on. */
export const Bootstrap = z.object({
    sealed: z.string(),
    critical: CriticalConfig,
    /** Where the member of etcd is that this server runs: its other names may be those of several servers. */
    etcdAddress: z.string(),
});
export type Bootstrap = z.infer<typeof Bootstrap>;

/** What a joining agent is told of the cluster. */
export const AgentConfig = z.object({
    version: z.string(),
    kubernetesServiceAddress: z.string(),
    disableKubeProxy: z.boolean(),
});
export type AgentConfig = z.infer<typeof AgentConfig>;

/** What a server is told to take for its token; without one, it makes one up. RKE2 says the same. */
export const TokenRotation = z.object({ newToken: z.string().optional() });

/** What a node gets for its key. */
export const KubeletCertificate = z.object({ certificate: z.string(), clientCa: z.string() });
export type KubeletCertificate = z.infer<typeof KubeletCertificate>;

/** The addresses of all API servers. */
export const ApiServers = z.array(z.string());

/** The critical part of a server's settings. */
export function criticalConfig(settings: ServerSettings): CriticalConfig {
    return {
        "cluster-cidr": settings.clusterCidr,
        "service-cidr": settings.serviceCidr,
        "cluster-dns": settings.clusterDns ?? tenthAddress(settings.serviceCidr),
        "cluster-domain": settings.clusterDomain,
        "disable-cloud-controller": settings.disableCloudController,
        "disable-kube-proxy": settings.disableKubeProxy,
        "egress-selector-mode": settings.egressSelectorMode,
    };
}

/** The keys in which two servers differ. */
export function mismatches(local: CriticalConfig, remote: CriticalConfig): string[] {
    return CriticalConfig.keyof()
        .options.filter((key) => local[key] !== remote[key])
        .map((key) => `${key} local:${String(local[key])} remote:${String(remote[key])}`);
}

function tenthAddress(serviceCidr: string): string {
    // All that matters is that equal ranges have equal ones.
    return `the tenth after ${kubernetesServiceAddress(serviceCidr)}`;
}
