import { join } from "node:path";

import type { Children } from "./child.ts";
import { ENCRYPTION_FILE, type ClusterKeys } from "./cluster-keys.ts";
import type { EtcdFiles } from "./etcd.ts";
import { writePrivate } from "./files.ts";
import { writeAdminKubeconfig, writeComponentKubeconfig } from "./kubeconfig.ts";
import type { Tools } from "./lab-host.ts";
import { leafFiles, type LeafFiles } from "./leaf-files.ts";
import { PATHS } from "./paths.ts";
import { kubernetesServiceAddress } from "./service-address.ts";
import type { ServerSettings } from "./settings.ts";

/** Where every component of this host finds the API. */
export const LOCAL_API = "https://127.0.0.1:6443";

/** The certificates of the control plane on this server. */
export interface ControlPlaneFiles {
    /** Of the API server, and of the supervisor. */
    readonly serving: LeafFiles;
    readonly admin: LeafFiles;
    readonly controllerManager: LeafFiles;
    readonly scheduler: LeafFiles;
    readonly kubeletClient: LeafFiles;
    readonly frontProxy: LeafFiles;
}

/** Issues what is missing of them, and writes the kubeconfigs that name them. */
export async function controlPlaneFiles(
    keys: ClusterKeys,
    settings: ServerSettings,
): Promise<ControlPlaneFiles> {
    const { client, server, requestHeader } = keys;
    const component = (name: string) =>
        leafFiles(`client-${name}`, client, { commonName: `system:kube-${name}` });
    const files = {
        serving: await leafFiles("serving-kube-apiserver", server, {
            commonName: "kube-apiserver",
            names: servingNames(settings),
        }),
        admin: await leafFiles("client-admin", client, {
            commonName: "system:admin",
            organization: "system:masters",
        }),
        controllerManager: await component("controller-manager"),
        scheduler: await component("scheduler"),
        kubeletClient: await leafFiles("client-kube-apiserver", client, {
            commonName: "system:apiserver",
            organization: "system:masters",
        }),
        frontProxy: await leafFiles("client-auth-proxy", requestHeader, { commonName: "system:auth-proxy" }),
    };
    const ca = join(PATHS.tls, "server-ca.crt");
    writeComponentKubeconfig(credential("controller"), LOCAL_API, ca, files.controllerManager);
    writeComponentKubeconfig(credential("scheduler"), LOCAL_API, ca, files.scheduler);
    writeAdminKubeconfig(credential("admin"), LOCAL_API, server.certificate, files.admin, 0o600);
    return files;
}

/** Starts the API server. */
export function startApiServer(
    children: Children,
    settings: ServerSettings,
    files: ControlPlaneFiles,
    etcd: EtcdFiles,
    tools: Tools,
): void {
    const policy = join(PATHS.etc, "audit-policy.json");
    writePrivate(policy, JSON.stringify(AUDIT_POLICY));
    const issuer = `https://kubernetes.default.svc.${settings.clusterDomain}`;
    children.start({
        name: "kube-apiserver",
        command: tools["kube-apiserver"],
        args: [
            `--advertise-address=${settings.advertiseAddress}`,
            `--bind-address=${settings.bindAddress ?? "0.0.0.0"}`,
            "--secure-port=6443",
            "--allow-privileged=true",
            "--anonymous-auth=false",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--enable-aggregator-routing=true",
            "--enable-bootstrap-token-auth=true",
            `--api-audiences=${issuer},rke2`,
            `--service-account-issuer=${issuer}`,
            `--service-account-key-file=${join(PATHS.tls, "service.key")}`,
            `--service-account-signing-key-file=${join(PATHS.tls, "service.key")}`,
            `--service-cluster-ip-range=${settings.serviceCidr}`,
            `--service-node-port-range=${settings.nodePortRange}`,
            "--etcd-servers=https://127.0.0.1:2379",
            `--etcd-cafile=${join(PATHS.tls, "etcd/server-ca.crt")}`,
            `--etcd-certfile=${etcd.client.certificateFile}`,
            `--etcd-keyfile=${etcd.client.keyFile}`,
            "--storage-backend=etcd3",
            `--encryption-provider-config=${ENCRYPTION_FILE}`,
            `--client-ca-file=${join(PATHS.tls, "client-ca.crt")}`,
            ...tlsArgs(files.serving),
            `--kubelet-client-certificate=${files.kubeletClient.certificateFile}`,
            `--kubelet-client-key=${files.kubeletClient.keyFile}`,
            `--proxy-client-cert-file=${files.frontProxy.certificateFile}`,
            `--proxy-client-key-file=${files.frontProxy.keyFile}`,
            `--requestheader-client-ca-file=${join(PATHS.tls, "request-header-ca.crt")}`,
            "--requestheader-allowed-names=system:auth-proxy",
            "--requestheader-extra-headers-prefix=X-Remote-Extra-",
            "--requestheader-group-headers=X-Remote-Group",
            "--requestheader-username-headers=X-Remote-User",
            `--audit-policy-file=${policy}`,
            `--audit-log-path=${join(PATHS.serverLogs, "audit.log")}`,
            "--audit-log-maxsize=20",
            "--audit-log-maxbackup=2",
            "--profiling=false",
            "--v=1",
            ...settings.apiServerArgs,
        ],
        logFile: join(PATHS.serverLogs, "kube-apiserver.log"),
        again: false,
        stopSeconds: 4,
    });
}

/** Starts what works for the API: they end by design when they lose their lease, as static pods are started again then. */
export function startControllers(
    children: Children,
    settings: ServerSettings,
    files: ControlPlaneFiles,
    tools: Tools,
): void {
    children.start({
        name: "kube-controller-manager",
        command: tools["kube-controller-manager"],
        args: [
            ...componentArgs("controller", 10257, files.controllerManager),
            "--allocate-node-cidrs=true",
            "--configure-cloud-routes=false",
            `--cluster-cidr=${settings.clusterCidr}`,
            `--service-cluster-ip-range=${settings.serviceCidr}`,
            `--cluster-signing-cert-file=${join(PATHS.tls, "client-ca.crt")}`,
            `--cluster-signing-key-file=${join(PATHS.tls, "client-ca.key")}`,
            `--root-ca-file=${join(PATHS.tls, "server-ca.crt")}`,
            `--service-account-private-key-file=${join(PATHS.tls, "service.key")}`,
            "--use-service-account-credentials=true",
            "--controllers=*,tokencleaner",
            ...settings.controllerManagerArgs,
        ],
        logFile: join(PATHS.serverLogs, "kube-controller-manager.log"),
        again: true,
        stopSeconds: 3,
    });
    children.start({
        name: "kube-scheduler",
        command: tools["kube-scheduler"],
        args: [...componentArgs("scheduler", 10259, files.scheduler), ...settings.schedulerArgs],
        logFile: join(PATHS.serverLogs, "kube-scheduler.log"),
        again: true,
        stopSeconds: 3,
    });
}

/** Under which names the API is reached on this server. */
export function servingNames(settings: ServerSettings): string[] {
    const service = ["kubernetes", "kubernetes.default", "kubernetes.default.svc"];
    return [
        ...new Set([
            ...service,
            `kubernetes.default.svc.${settings.clusterDomain}`,
            "localhost",
            "127.0.0.1",
            "::1",
            settings.nodeName,
            settings.advertiseAddress,
            ...settings.nodeIps,
            kubernetesServiceAddress(settings.serviceCidr),
            ...settings.tlsSans,
        ]),
    ];
}

function componentArgs(name: string, port: number, leaf: LeafFiles): string[] {
    return [
        `--kubeconfig=${credential(name)}`,
        `--authentication-kubeconfig=${credential(name)}`,
        `--authorization-kubeconfig=${credential(name)}`,
        "--bind-address=127.0.0.1",
        `--secure-port=${port}`,
        // Its own certificate serves on loopback, so that none is made at each start.
        ...tlsArgs(leaf),
        "--leader-elect=true",
        // Two cores carry many hosts: a leader may be late for longer than elsewhere.
        "--leader-elect-lease-duration=30s",
        "--leader-elect-renew-deadline=20s",
        "--leader-elect-retry-period=4s",
        "--profiling=false",
        "--v=1",
    ];
}

function tlsArgs({ certificateFile, keyFile }: LeafFiles): string[] {
    return [`--tls-cert-file=${certificateFile}`, `--tls-private-key-file=${keyFile}`];
}

function credential(name: string): string {
    return join(PATHS.cred, `${name}.kubeconfig`);
}

/** Every change, without its content; leases and events change too often to tell anything. */
const AUDIT_POLICY = {
    apiVersion: "audit.k8s.io/v1",
    kind: "Policy",
    omitStages: ["RequestReceived"],
    rules: [
        {
            level: "None",
            resources: [
                { group: "coordination.k8s.io", resources: ["leases"] },
                { group: "", resources: ["events"] },
                { group: "events.k8s.io", resources: ["events"] },
            ],
        },
        { level: "Metadata", verbs: ["create", "update", "patch", "delete", "deletecollection"] },
        { level: "None" },
    ],
};
