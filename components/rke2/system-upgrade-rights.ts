import type { types } from "@pulumi/kubernetes";

import type { SystemUpgradeArgs } from "./system-upgrade-args.ts";

type Rule = types.input.rbac.v1.PolicyRule;

/** What the controller may in the whole cluster. It makes its own CRD. */
export const CONTROLLER_CLUSTER_RULES: Rule[] = [
    { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] },
    { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "update"] },
    { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    // It looks for its jobs everywhere.
    { apiGroups: ["batch"], resources: ["jobs"], verbs: ["get", "list", "watch"] },
    {
        apiGroups: ["apiextensions.k8s.io"],
        resources: ["customresourcedefinitions"],
        verbs: ["list", "create"],
    },
    {
        apiGroups: ["apiextensions.k8s.io"],
        resources: ["customresourcedefinitions"],
        resourceNames: ["plans.upgrade.cattle.io"],
        verbs: ["get", "update"],
    },
];

/** What the controller may in its namespace. */
export function controllerRules(controller: string): Rule[] {
    return [
        {
            apiGroups: ["upgrade.cattle.io"],
            resources: ["plans"],
            verbs: ["get", "list", "watch"],
        },
        { apiGroups: ["upgrade.cattle.io"], resources: ["plans/status"], verbs: ["update"] },
        { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "patch", "delete"] },
        // It watches what Plans may name.
        { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] },
        { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
        {
            apiGroups: ["coordination.k8s.io"],
            resources: ["leases"],
            resourceNames: [controller],
            verbs: ["get", "update"],
        },
    ];
}

/** What jobs may: look whether all is well, and put the node's pods elsewhere. */
export function jobRules(evict: SystemUpgradeArgs["evict"]): Rule[] {
    return [
        {
            apiGroups: [""],
            resources: ["nodes"],
            verbs: ["get", "list", ...(evict === "none" ? [] : ["patch"])],
        },
        { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
        ...(evict === "drain"
            ? [
                  { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
                  { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["get"] },
              ]
            : []),
    ];
}
