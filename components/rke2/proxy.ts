import type { Proxy } from "../../model/resolved.ts";

/** Whom a cluster asks directly, whatever the way out. */
export interface DirectlyAsked {
    readonly podCidrs: readonly string[];
    readonly serviceCidrs: readonly string[];
    /** Where nodes are, of every cluster that this one talks to. */
    readonly nodeCidrs: readonly string[];
    readonly clusterDomain: string;
    /** The name or address of the API. */
    readonly apiAddress: string;
}

/**
 * RKE2's environment, KEY=value on each line; nothing where no proxy is described. RKE2 hands it to the kubelet and containerd;
 * containerd prefers what begins with CONTAINERD_, whatever else sets the others for RKE2.
 * @see https://docs.rke2.io/advanced#configuring-an-http-proxy
 */
export function proxyLines({ httpProxy, httpsProxy, noProxy = [] }: Proxy, direct: DirectlyAsked): string {
    if (httpProxy === undefined && httpsProxy === undefined) return "";
    const lines = [
        ...(httpProxy === undefined ? [] : [`HTTP_PROXY=${httpProxy}`]),
        ...(httpsProxy === undefined ? [] : [`HTTPS_PROXY=${httpsProxy}`]),
        `NO_PROXY=${askedDirectly(noProxy, direct).join(",")}`,
    ];
    return [...lines, ...lines.map((line) => `CONTAINERD_${line}`)].join("\n");
}

/** Sorted where the order means nothing: another one would restart every node. */
function askedDirectly(noProxy: readonly string[], direct: DirectlyAsked): string[] {
    return [
        ...new Set([
            "localhost",
            "127.0.0.0/8",
            "::1",
            ...[...direct.podCidrs, ...direct.serviceCidrs, ...direct.nodeCidrs, direct.apiAddress].sort(),
            ".svc",
            `.${direct.clusterDomain}`,
            ...[...noProxy].sort(),
        ]),
    ];
}
