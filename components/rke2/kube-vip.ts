import { stringify } from "yaml";

/** kube-vip, unless told otherwise. */
export const KUBE_VIP_IMAGE = "ghcr.io/kube-vip/kube-vip:v1.2.3";

export interface KubeVipArgs {
    /** The address that the servers hold, one at a time. It is free, and in their own network. */
    readonly address: string;
    /** The interface that gets it. @default - the one with the default route */
    readonly interface?: string;
    /** kube-vip's image. @default KUBE_VIP_IMAGE */
    readonly image?: string;
}

/** Where the administrator's kubeconfig lies in the pod: the place at which kube-vip looks for one. */
const KUBECONFIG = "/etc/kubernetes/admin.conf";

/**
 * kube-vip as a static pod of each server: it needs neither a network nor kube-proxy, as it asks this server's own API, and
 * leaves Services to others. Whoever holds the lease holds the address; it answers for registration (9345) just as for the API.
 * @see https://kube-vip.io/docs/installation/flags
 */
export function kubeVipManifest(args: KubeVipArgs): string {
    const ipv6 = args.address.includes(":");
    const pod = {
        apiVersion: "v1",
        kind: "Pod",
        metadata: {
            name: "kube-vip",
            namespace: "kube-system",
            labels: { "app.kubernetes.io/name": "kube-vip" },
        },
        spec: {
            hostNetwork: true,
            // kube-vip asks for the API at this name: the address that it is to hold is not there yet.
            hostAliases: [{ ip: ipv6 ? "::1" : "127.0.0.1", hostnames: ["kubernetes"] }],
            containers: [
                {
                    name: "kube-vip",
                    image: args.image ?? KUBE_VIP_IMAGE,
                    imagePullPolicy: "IfNotPresent",
                    // Its metrics would take a port of every server. No variable switches them off.
                    args: ["manager", "--prometheusHTTPServer="],
                    env: environment(args, ipv6),
                    securityContext: { capabilities: { add: ["NET_ADMIN", "NET_RAW"], drop: ["ALL"] } },
                    volumeMounts: [{ name: "kubeconfig", mountPath: KUBECONFIG, readOnly: true }],
                },
            ],
            volumes: [
                {
                    name: "kubeconfig",
                    // RKE2 writes it after the kubelet has started. Without a type, a folder would be made in its place.
                    hostPath: { path: "/etc/rancher/rke2/rke2.yaml", type: "File" },
                },
            ],
        },
    };
    return stringify(pod, { lineWidth: 0, defaultStringType: "QUOTE_DOUBLE", defaultKeyType: "PLAIN" });
}

function environment(args: KubeVipArgs, ipv6: boolean) {
    const values = {
        vip_arp: "true",
        ...(args.interface === undefined ? {} : { vip_interface: args.interface }),
        address: args.address,
        port: "6443",
        vip_subnet: ipv6 ? "128" : "32",
        cp_enable: "true",
        cp_namespace: "kube-system",
        svc_enable: "false",
        vip_leaderelection: "true",
        // Kubernetes' own times. kube-vip's are a third, and an API that is busy for five seconds would move the address.
        vip_leaseduration: "15",
        vip_renewdeadline: "10",
        vip_retryperiod: "2",
        k8s_config_file: KUBECONFIG,
    };
    return [
        ...Object.entries(values).map(([name, value]) => ({ name, value })),
        { name: "vip_nodename", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } },
    ];
}
