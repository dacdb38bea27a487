import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { CONTROLLER_VERSION, type SystemUpgradeArgs } from "./system-upgrade-args.ts";
import { JOB_ACCOUNT, SERVERS } from "./system-upgrade-plan.ts";
import { CONTROLLER_CLUSTER_RULES, controllerRules, jobRules } from "./system-upgrade-rights.ts";

/** Where the controller, its Plans and its jobs live. */
export const NAMESPACE = "system-upgrade";

/** What the controller is called: its Deployment, its account and its lease. */
export const CONTROLLER = "system-upgrade-controller";

type Options = pulumi.CustomResourceOptions & { parent: pulumi.Resource };

/** The system-upgrade-controller and what it may, in order. The last one is its Deployment. */
export function systemUpgradeController(
    name: string,
    args: SystemUpgradeArgs,
    opts: Options,
): { rights: pulumi.Resource[]; controller: k8s.apps.v1.Deployment } {
    const namespace = new k8s.core.v1.Namespace(
        `${name}-namespace`,
        { metadata: { name: NAMESPACE, labels: privileged() } },
        opts,
    );
    // Their names alone do not show that the namespace must be there.
    const inside = { ...opts, dependsOn: namespace };
    const rights = [
        namespace,
        ...account(`${name}-controller`, CONTROLLER, CONTROLLER_CLUSTER_RULES, inside),
        ...role(`${name}-controller-inside`, CONTROLLER, controllerRules(CONTROLLER), inside),
        ...account(`${name}-job`, JOB_ACCOUNT, jobRules(args.evict), inside),
    ];
    const controller = new k8s.apps.v1.Deployment(
        `${name}-controller`,
        { metadata: { name: CONTROLLER, namespace: NAMESPACE }, spec: deploymentSpec(args) },
        { ...opts, dependsOn: rights },
    );
    return { rights, controller };
}

/** Jobs change the node's own files, which the usual pod security levels refuse. */
function privileged(): Record<string, string> {
    return Object.fromEntries(
        ["enforce", "audit", "warn"].map((mode) => [`pod-security.kubernetes.io/${mode}`, "privileged"]),
    );
}

type Rules = k8s.types.input.rbac.v1.PolicyRule[];

/** An account in the namespace, with rights in the whole cluster. */
function account(name: string, objectName: string, rules: Rules, opts: Options): pulumi.Resource[] {
    return [
        new k8s.core.v1.ServiceAccount(
            `${name}-account`,
            { metadata: { name: objectName, namespace: NAMESPACE } },
            opts,
        ),
        new k8s.rbac.v1.ClusterRole(`${name}-role`, { metadata: { name: objectName }, rules }, opts),
        new k8s.rbac.v1.ClusterRoleBinding(
            `${name}-binding`,
            { metadata: { name: objectName }, ...bound("ClusterRole", objectName) },
            opts,
        ),
    ];
}

/** Rights of an account in the namespace. */
function role(name: string, objectName: string, rules: Rules, opts: Options): pulumi.Resource[] {
    const metadata = { name: objectName, namespace: NAMESPACE };
    return [
        new k8s.rbac.v1.Role(`${name}-role`, { metadata, rules }, opts),
        new k8s.rbac.v1.RoleBinding(`${name}-binding`, { metadata, ...bound("Role", objectName) }, opts),
    ];
}

function bound(kind: "ClusterRole" | "Role", name: string) {
    return {
        roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name },
        subjects: [{ kind: "ServiceAccount", name, namespace: NAMESPACE }],
    };
}

function deploymentSpec(args: SystemUpgradeArgs): k8s.types.input.apps.v1.DeploymentSpec {
    // Drains leave alone what has this label, so that the controller does not drain itself.
    const labels = { "upgrade.cattle.io/controller": CONTROLLER };
    return {
        replicas: 1,
        strategy: { type: "Recreate" },
        selector: { matchLabels: labels },
        template: {
            metadata: { labels: { ...labels, "app.kubernetes.io/name": CONTROLLER } },
            spec: {
                serviceAccountName: CONTROLLER,
                priorityClassName: "system-cluster-critical",
                affinity: { nodeAffinity: onServers() },
                tolerations: [
                    { key: "CriticalAddonsOnly", operator: "Exists" },
                    { key: SERVERS.key, operator: "Exists" },
                    { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
                    // A server may be cordoned while the controller has to start there.
                    { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
                ],
                containers: [controllerContainer(args)],
                volumes: [{ name: "tmp", emptyDir: {} }],
            },
        },
    };
}

function onServers() {
    return {
        requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [
                { matchExpressions: [{ key: SERVERS.key, operator: "In", values: [SERVERS.value] }] },
            ],
        },
    };
}

function controllerContainer({
    controllerVersion = CONTROLLER_VERSION,
    images: { controller = "rancher/system-upgrade-controller", kubectl = "rancher/kubectl:v1.30.3" } = {},
}: SystemUpgradeArgs): k8s.types.input.core.v1.Container {
    return {
        name: CONTROLLER,
        image: `${controller}:${controllerVersion}`,
        imagePullPolicy: "IfNotPresent",
        env: [
            ...Object.entries(settings(kubectl)).map(([name, value]) => ({
                name: `SYSTEM_UPGRADE_${name}`,
                value,
            })),
            {
                name: "SYSTEM_UPGRADE_CONTROLLER_NODE_NAME",
                valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } },
            },
        ],
        securityContext: {
            runAsNonRoot: true,
            runAsUser: 65534,
            runAsGroup: 65534,
            allowPrivilegeEscalation: false,
            readOnlyRootFilesystem: true,
            seccompProfile: { type: "RuntimeDefault" },
            capabilities: { drop: ["ALL"] },
        },
        volumeMounts: [{ name: "tmp", mountPath: "/tmp" }],
    };
}

function settings(kubectl: string): Record<string, string> {
    return {
        CONTROLLER_NAME: CONTROLLER,
        CONTROLLER_NAMESPACE: NAMESPACE,
        CONTROLLER_LEADER_ELECT: "true",
        CONTROLLER_THREADS: "2",
        JOB_KUBECTL_IMAGE: kubectl,
        JOB_IMAGE_PULL_POLICY: "IfNotPresent",
        JOB_PRIVILEGED: "true",
        // The controller leaves a job alone for ever that has failed, so none ever does: it tries again, after ten minutes at
        // most, and the next `up` finds it at work. The gate behind its Plan tells of its tries.
        JOB_BACKOFF_LIMIT: "1000000",
        JOB_TTL_SECONDS_AFTER_FINISH: "300",
    };
}
