import { expect, test } from "vitest";

import { kubeVipSettings } from "./kube-vip.ts";
import { parseManifest } from "./manifest.ts";
import { mirrorPod } from "./mirror-pod.ts";

const ENV = {
    address: "10.88.1.250",
    vip_arp: "true",
    cp_enable: "true",
    vip_interface: "br0",
    vip_leaderelection: "true",
    vip_retryperiod: "1",
};

function kubeVip(env: Readonly<Record<string, string>>) {
    return parseManifest(
        JSON.stringify({
            apiVersion: "v1",
            kind: "Pod",
            metadata: { name: "kube-vip", namespace: "kube-system" },
            spec: {
                hostNetwork: true,
                hostAliases: [{ ip: "127.0.0.1", hostnames: ["kubernetes"] }],
                containers: [
                    {
                        name: "kube-vip",
                        image: "ghcr.io/kube-vip/kube-vip:v1.2.3",
                        args: ["manager"],
                        env: Object.entries(env).map(([name, value]) => ({ name, value })),
                        volumeMounts: [{ name: "config", mountPath: "/etc/kubernetes/admin.conf" }],
                    },
                ],
                volumes: [{ name: "config", hostPath: { path: "/etc/rancher/rke2/rke2.yaml" } }],
            },
        }),
    );
}

test("kube-vip is told by its variables, and its kubeconfig is the host's", () => {
    expect(kubeVipSettings(kubeVip(ENV).pod, "east-1")).toEqual({
        address: "10.88.1.250",
        prefix: 32,
        interface: "br0",
        identity: "east-1",
        leaderElection: true,
        lease: { namespace: "kube-system", name: "plndr-cp-lock" },
        leaseSeconds: 15,
        renewSeconds: 10,
        retrySeconds: 1,
        kubeconfig: "/etc/rancher/rke2/rke2.yaml",
    });
});

test.each([
    [{ ...ENV, address: "" }, "its variable address is not set"],
    [{ ...ENV, cp_enable: "false" }, 'its variable cp_enable is not "true"'],
    [{ ...ENV, vip_arp: "" }, 'its variable vip_arp is not "true"'],
])("kube-vip with %j does nothing", (env, message) => {
    expect(kubeVipSettings(kubeVip(env).pod, "east-1")).toBe(message);
});

test("another pod is no kube-vip", () => {
    const { pod } = parseManifest(
        "metadata: {name: etcd}\nspec: {containers: [{name: etcd, image: rancher/etcd}]}",
    );
    expect(kubeVipSettings(pod, "east-1")).toBeUndefined();
});

test("the API gets a picture of a static pod, with all that its file says", () => {
    const node = { metadata: { uid: "u", name: "east-1" }, spec: {} };
    expect(mirrorPod(kubeVip(ENV), node)).toMatchObject({
        metadata: {
            name: "kube-vip-east-1",
            namespace: "kube-system",
            annotations: { "kubernetes.io/config.source": "file" },
            ownerReferences: [{ kind: "Node", name: "east-1", uid: "u", controller: true }],
        },
        spec: {
            nodeName: "east-1",
            hostAliases: [{ ip: "127.0.0.1", hostnames: ["kubernetes"] }],
            tolerations: [{ operator: "Exists", effect: "NoExecute" }],
        },
    });
});
