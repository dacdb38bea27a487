/* Three servers behind one address: kube-vip as a static pod, which the simulated kubelet carries out with a real Lease. */
import { stringify } from "yaml";
import { afterAll, beforeAll, expect, test } from "vitest";

import { ended, inLab, onHost, type Place } from "../hosts/lab-fixture.ts";
import type { Lab } from "../hosts/lab.ts";
import { ADDRESSES, threeHosts, type HostName } from "./three-hosts.ts";

const VERSION = "v1.35.4+rke2r1";
const VIP = "10.88.1.250";
const HOSTS = ["east-1", "east-2", "east-3"] as const;

let place: Place, lab: Lab;
beforeAll(async () => {
    ({ place, lab } = await threeHosts("sim-kube-vip", VERSION));
});
afterAll(async () => {
    await place.dispose();
});

const MANIFEST = {
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
                env: Object.entries({
                    address: VIP,
                    port: "6443",
                    vip_interface: "br0",
                    vip_arp: "true",
                    vip_leaderelection: "true",
                    cp_enable: "true",
                    cp_namespace: "kube-system",
                    svc_enable: "false",
                    k8s_config_file: "/etc/kubernetes/admin.conf",
                }).map(([name, value]) => ({ name, value })),
                volumeMounts: [{ name: "kubeconfig", mountPath: "/etc/kubernetes/admin.conf" }],
            },
        ],
        volumes: [{ name: "kubeconfig", hostPath: { path: "/etc/rancher/rke2/rke2.yaml" } }],
    },
};

/** Makes a host a server; the first one begins the cluster, the others join at the shared address. */
async function serve(host: HostName): Promise<void> {
    const lines = [
        `node-name: ${host}`,
        `node-ip: ${ADDRESSES[host]}`,
        "token: 0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        "cni: none",
        "disable-kube-proxy: true",
        `tls-san: ${VIP}`,
        ...(host === "east-1" ? [] : [`server: https://${VIP}:9345`]),
    ];
    await onHost(
        lab,
        host,
        `curl -sfL https://get.rke2.io | sh -
        mkdir -p /etc/rancher/rke2 /var/lib/rancher/rke2/agent/pod-manifests
        printf '%s\\n' '${lines.join("' '")}' >/etc/rancher/rke2/config.yaml
        cat >/var/lib/rancher/rke2/agent/pod-manifests/kube-vip.yaml <<'END'
${stringify(MANIFEST)}END
        timeout 55 systemctl enable --now rke2-server`,
    );
}

async function holders(): Promise<HostName[]> {
    const held = await Promise.all(
        HOSTS.map(async (host) =>
            lab.isOn(host) && (await onHost(lab, host, `ip -o address show to ${VIP}`)) !== "" ? [host] : [],
        ),
    );
    return held.flat();
}

const ping = () => inLab(lab, `curl -gks --max-time 2 https://${VIP}:9345/ping || true`);

test("the first server holds the address once its API is there, and others join at it", async () => {
    await serve("east-1");
    await expect.poll(ping, { timeout: 15_000 }).toBe("pong");
    await serve("east-2");
    await serve("east-3");
    expect(await holders()).toEqual(["east-1"]);
});

test("the API shows the static pods, and makes them again", async () => {
    const kubectl = (line: string) =>
        onHost(
            lab,
            "east-2",
            `/var/lib/rancher/rke2/bin/kubectl --cache-dir=/run/kube --kubeconfig /etc/rancher/rke2/rke2.yaml -n kube-system ${line}`,
        );
    const pods = () => kubectl("get pods --field-selector=status.phase=Running -o name");
    const ofRke2 = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-vip"];
    const all = ofRke2.flatMap((name) => HOSTS.map((host) => `pod/${name}-${host}`)).join("\n");
    await expect.poll(pods, { timeout: 20_000 }).toBe(all);
    const uid = () => kubectl("get pod kube-vip-east-1 --ignore-not-found -o 'jsonpath={.metadata.uid}'");
    const before = await uid();
    await kubectl("delete pod kube-vip-east-1 --wait=false");
    await expect.poll(uid, { timeout: 20_000 }).not.toBe(before);
    await expect.poll(pods, { timeout: 20_000 }).toBe(all);
    expect(await kubectl("get lease plndr-cp-lock -o 'jsonpath={.spec.holderIdentity}'")).toBe("east-1");
});

test("another server takes the address over from one whose plug was pulled", async () => {
    await lab.powerOff("east-1");
    const began = Date.now();
    await expect.poll(ping, { timeout: 40_000, interval: 500 }).toBe("pong");
    expect(Date.now() - began).toBeLessThan(30_000);
    expect(await holders()).toHaveLength(1);
    await lab.powerOn("east-1");
    await onHost(lab, "east-1", "timeout 55 systemctl start rke2-server");
    expect(await holders()).toHaveLength(1);
});

test("a server that is stopped, or killed, lets go of it", async () => {
    const [first = "east-2"] = await holders();
    await onHost(lab, first, "systemctl stop rke2-server");
    expect(await onHost(lab, first, `ip -o address show to ${VIP}`)).toBe("");
    await expect.poll(ping, { timeout: 20_000, interval: 500 }).toBe("pong");
    await onHost(lab, first, "timeout 55 systemctl start rke2-server");
    const [second = "east-2"] = await holders();
    await onHost(
        lab,
        second,
        "systemctl stop --no-block rke2-server; kill -KILL $(systemctl show --property=MainPID --value rke2-server) || true",
    );
    const gone = () => onHost(lab, second, `ip -o address show to ${VIP}`);
    await expect.poll(gone, { timeout: 20_000 }).toBe("");
    await expect.poll(ping, { timeout: 20_000, interval: 500 }).toBe("pong");
});

test("with its manifest the address goes", async () => {
    for (const host of HOSTS) {
        await onHost(lab, host, "rm /var/lib/rancher/rke2/agent/pod-manifests/kube-vip.yaml");
    }
    await expect.poll(holders, { timeout: 20_000 }).toEqual([]);
    for (const host of HOSTS) {
        expect((await ended(lab.enterHost(host, ["rke2-uninstall.sh"]))).code).toBe(0);
        expect(lab.diskFiles(host).filter((path) => !path.startsWith("/tmp/"))).toEqual([]);
    }
});
