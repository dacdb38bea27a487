import { ciliumHas } from "../../model/support/cilium-options.ts";
import { meshApiCertgen } from "./certgen-values.ts";
import type { CiliumValuesArgs, LoadBalancerArgs, Values } from "./values-args.ts";

/** The annotation by which each load balancer is asked for a fixed address. */
const ADDRESS_ANNOTATION: Readonly<Record<LoadBalancerArgs["provider"], string>> = {
    metallb: "metallb.io/loadBalancerIPs",
    "lb-ipam": "lbipam.cilium.io/ips",
};

/** The annotations by which each load balancer is told that Services may share an address. */
function sharingAnnotations(
    provider: LoadBalancerArgs["provider"],
    sharing: { readonly key: string; readonly namespaces?: readonly string[] | undefined } | undefined,
): Values {
    if (sharing === undefined) return {};
    if (provider === "metallb") return { "metallb.io/allow-shared-ip": sharing.key };
    return {
        "lbipam.cilium.io/sharing-key": sharing.key,
        ...(sharing.namespaces === undefined
            ? {}
            : { "lbipam.cilium.io/sharing-cross-namespace": sharing.namespaces.join(",") }),
    };
}

/** The mesh API (clustermesh-apiserver): where it answers, how many of it, and whose certificates it has. */
export function meshApiValues(args: CiliumValuesArgs): Values {
    return {
        replicas: args.meshApi.replicas,
        ...(args.meshApi.replicas > 1 ? SPREAD : {}),
        service: serviceValues(args),
        tls: { ...certificatesValues(args), authMode: args.authMode },
    };
}

function certificatesValues(args: CiliumValuesArgs): Values {
    if (args.certgen !== undefined) return meshApiCertgen(args.certgen, args);
    return {
        // The Secrets are there before the chart. It must neither make nor ask for any, and gets no CA to do so.
        auto: { enabled: false },
        ...(ciliumHas("certificatesInValues", args.version) ? { enableSecrets: false } : {}),
    };
}

/** Several pods only help where one node, or one drain, does not take all of them. */
const SPREAD: Values = {
    podDisruptionBudget: { enabled: true, maxUnavailable: 1 },
    topologySpreadConstraints: [
        { maxSkew: 1, topologyKey: "kubernetes.io/hostname", whenUnsatisfiable: "ScheduleAnyway" },
    ],
};

function serviceValues({ meshApi, loadBalancers: [loadBalancer] }: CiliumValuesArgs): Values {
    // Any node may be the one that answers for the address, not only those with a pod.
    const externalTrafficPolicy = "Cluster";
    if (meshApi.type === "NodePort") {
        return { type: "NodePort", nodePort: meshApi.port, externalTrafficPolicy };
    }
    const { address, annotations, sharing, sourceRanges } = meshApi;
    return {
        type: "LoadBalancer",
        annotations: {
            ...annotations,
            ...(loadBalancer === undefined
                ? {}
                : {
                      ...sharingAnnotations(loadBalancer.provider, sharing),
                      [ADDRESS_ANNOTATION[loadBalancer.provider]]: address,
                  }),
        },
        ...(loadBalancer?.loadBalancerClass === undefined
            ? {}
            : { loadBalancerClass: loadBalancer.loadBalancerClass }),
        ...(sourceRanges.length === 0 ? {} : { loadBalancerSourceRanges: [...sourceRanges] }),
        externalTrafficPolicy,
    };
}
