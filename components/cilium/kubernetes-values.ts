import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** RKE2 has a balancer of its own to the API servers here, on servers and agents alike. */
const LOCAL_BALANCER = { host: "localhost", port: 6443 } as const;

/** How Cilium stands in for kube-proxy, and how it reaches the API before any Service works. */
export function kubernetesValues({
    apiServer = LOCAL_BALANCER,
    upgradeCompatibility,
}: CiliumValuesArgs): Values {
    return {
        kubeProxyReplacement: "true",
        k8sServiceHost: apiServer.host,
        k8sServicePort: apiServer.port,
        // A changed value is only a changed ConfigMap; without these nothing would read it again.
        rollOutCiliumPods: true,
        envoy: { rollOutPods: true },
        ...(upgradeCompatibility === undefined ? {} : { upgradeCompatibility }),
    };
}

/** The operator. */
export function operatorValues({ operatorReplicas }: CiliumValuesArgs): Values {
    return {
        operator: {
            replicas: operatorReplicas,
            rollOutPods: true,
            tolerations: TOLERATIONS.map((key) => ({ key, operator: "Exists" })),
        },
    };
}

/**
 * The operator must start on nodes that only become ready through it, and on RKE2's servers whatever their taints. From 1.18
 * on the chart tolerates only the first of these; before, it tolerated everything, a drained node included.
 */
const TOLERATIONS = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node.kubernetes.io/not-ready",
    "node.cloudprovider.kubernetes.io/uninitialized",
    "node.cilium.io/agent-not-ready",
    "node-role.kubernetes.io/etcd",
    "CriticalAddonsOnly",
] as const;

/** Mutual authentication through SPIRE. Up to 1.18 its first switch is on by default, so it is set only with the second. */
export function authenticationValues({ mutualAuthentication = false }: CiliumValuesArgs): Values {
    return mutualAuthentication
        ? {
              authentication: {
                  enabled: true,
                  mutual: { spire: { enabled: true, install: { enabled: true } } },
              },
          }
        : {};
}
