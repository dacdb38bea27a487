import * as k8s from "@pulumi/kubernetes";
import { describe, expect, it } from "vitest";

import type { SystemUpgradeArgs } from "../../../components/rke2/system-upgrade-args.ts";
import { complaints } from "../../fixtures/crds/schemas.ts";
import { get, made, waitsFor } from "../announcing/program.ts";
import { systemUpgrade } from "./system-upgrade-fixture.ts";

const IN_THE_NAMESPACE = { namespace: "system-upgrade" };

describe("SystemUpgrade", () => {
    it("installs the controller, waits for it, then upgrades servers, waits for them, then agents, and waits for all", async () => {
        const resources = await made(() => systemUpgrade());
        const rights = [
            "east-controller-account",
            "east-controller-binding",
            "east-controller-inside-binding",
            "east-controller-inside-role",
            "east-controller-role",
            "east-job-account",
            "east-job-binding",
            "east-job-role",
            "east-namespace",
        ];
        expect([...resources.keys()].sort()).toEqual(
            [
                ...rights,
                "east",
                "east-agents",
                "east-agents-upgraded",
                "east-controller",
                "east-controller-ready",
                "east-nodes",
                "east-servers",
                "east-servers-upgraded",
            ].sort(),
        );
        const after = (name: string) => waitsFor(get(resources, name));
        for (const name of rights)
            expect(after(name)).toEqual(name === "east-namespace" ? [] : ["east-namespace"]);
        expect(after("east-controller")).toEqual(rights);
        expect(after("east-controller-ready")).toEqual(["east-controller"]);
        expect(after("east-nodes")).toEqual(["east-controller-ready"]);
        expect(after("east-servers")).toEqual(["east-nodes"]);
        expect(after("east-servers-upgraded")).toEqual(["east-servers"]);
        expect(after("east-agents")).toEqual(["east-servers-upgraded"]);
        expect(after("east-agents-upgraded")).toEqual(["east-agents"]);
    });

    it("has all of it as children, made with its provider", async () => {
        const resources = await made(() => {
            systemUpgrade({}, { provider: new k8s.Provider("cluster", { kubeconfig: "{}" }) });
        });
        expect(get(resources, "east").type).toBe("multicluster:rke2:SystemUpgrade");
        const children = [...resources.values()].filter(({ name }) => name.startsWith("east-"));
        expect(children).toHaveLength(16);
        for (const child of children) {
            expect(child.parent).toBe(get(resources, "east").urn);
            expect(child.protect).toBe(false);
        }
        const objects = children.filter(({ type }) => type.startsWith("kubernetes:"));
        expect(objects).toHaveLength(12);
        for (const { provider } of objects) expect(provider).toBe(get(resources, "cluster").urn);
    });

    it("makes a namespace in which jobs may change their node", async () => {
        const { inputs } = get(await made(() => systemUpgrade()), "east-namespace");
        expect(inputs["metadata"]).toEqual({
            name: "system-upgrade",
            labels: {
                "pod-security.kubernetes.io/enforce": "privileged",
                "pod-security.kubernetes.io/audit": "privileged",
                "pod-security.kubernetes.io/warn": "privileged",
            },
        });
    });

    it("gives the controller and its jobs an account each, with no more than they need", async () => {
        const resources = await made(() => systemUpgrade());
        const rules = (name: string) => get(resources, name).inputs["rules"];
        expect(rules("east-controller-role")).toEqual([
            { apiGroups: [""], resources: ["namespaces"], resourceNames: ["kube-system"], verbs: ["get"] },
            { apiGroups: [""], resources: ["nodes"], verbs: ["get", "list", "watch", "update"] },
            { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
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
        ]);
        expect(rules("east-controller-inside-role")).toEqual([
            { apiGroups: ["upgrade.cattle.io"], resources: ["plans"], verbs: ["get", "list", "watch"] },
            { apiGroups: ["upgrade.cattle.io"], resources: ["plans/status"], verbs: ["update"] },
            { apiGroups: ["batch"], resources: ["jobs"], verbs: ["create", "patch", "delete"] },
            { apiGroups: [""], resources: ["secrets"], verbs: ["get", "list", "watch"] },
            { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create"] },
            {
                apiGroups: ["coordination.k8s.io"],
                resources: ["leases"],
                resourceNames: ["system-upgrade-controller"],
                verbs: ["get", "update"],
            },
        ]);
        for (const [name, object, kind] of [
            ["east-controller", "system-upgrade-controller", "ClusterRole"],
            ["east-controller-inside", "system-upgrade-controller", "Role"],
            ["east-job", "system-upgrade", "ClusterRole"],
        ] as const) {
            expect(get(resources, `${name}-binding`).inputs).toMatchObject({
                kind: `${kind}Binding`,
                metadata: { name: object, ...(kind === "Role" ? IN_THE_NAMESPACE : {}) },
                roleRef: { apiGroup: "rbac.authorization.k8s.io", kind, name: object },
                subjects: [{ kind: "ServiceAccount", name: object, ...IN_THE_NAMESPACE }],
            });
            expect(get(resources, `${name}-role`).inputs["metadata"]).toMatchObject({ name: object });
        }
        for (const [name, object] of [
            ["east-controller-account", "system-upgrade-controller"],
            ["east-job-account", "system-upgrade"],
        ] as const) {
            expect(get(resources, name).inputs["metadata"]).toEqual({ name: object, ...IN_THE_NAMESPACE });
        }
    });

    it.each([
        ["none", ["get", "list"], []],
        ["cordon", ["get", "list", "patch"], []],
        [
            "drain",
            ["get", "list", "patch"],
            [
                { apiGroups: [""], resources: ["pods/eviction"], verbs: ["create"] },
                { apiGroups: ["apps"], resources: ["daemonsets"], verbs: ["get"] },
            ],
        ],
    ] as const)("lets jobs do what %s needs", async (evict, nodes, further) => {
        const resources = await made(() => systemUpgrade({ evict }));
        expect(get(resources, "east-job-role").inputs["rules"]).toEqual([
            { apiGroups: [""], resources: ["nodes"], verbs: nodes },
            { apiGroups: [""], resources: ["pods"], verbs: ["get", "list"] },
            ...further,
        ]);
    });

    it("writes the controller out in full", async () => {
        const { inputs } = get(await made(() => systemUpgrade()), "east-controller");
        expect(inputs).toEqual({
            apiVersion: "apps/v1",
            kind: "Deployment",
            metadata: { name: "system-upgrade-controller", ...IN_THE_NAMESPACE },
            spec: {
                replicas: 1,
                strategy: { type: "Recreate" },
                selector: { matchLabels: { "upgrade.cattle.io/controller": "system-upgrade-controller" } },
                template: {
                    metadata: {
                        labels: {
                            "upgrade.cattle.io/controller": "system-upgrade-controller",
                            "app.kubernetes.io/name": "system-upgrade-controller",
                        },
                    },
                    spec: {
                        serviceAccountName: "system-upgrade-controller",
                        priorityClassName: "system-cluster-critical",
                        affinity: {
                            nodeAffinity: {
                                requiredDuringSchedulingIgnoredDuringExecution: {
                                    nodeSelectorTerms: [
                                        {
                                            matchExpressions: [
                                                {
                                                    key: "node-role.kubernetes.io/control-plane",
                                                    operator: "In",
                                                    values: ["true"],
                                                },
                                            ],
                                        },
                                    ],
                                },
                            },
                        },
                        tolerations: [
                            { key: "CriticalAddonsOnly", operator: "Exists" },
                            { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
                            { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
                            {
                                key: "node.kubernetes.io/unschedulable",
                                operator: "Exists",
                                effect: "NoSchedule",
                            },
                        ],
                        containers: [
                            {
                                name: "system-upgrade-controller",
                                image: "rancher/system-upgrade-controller:v0.20.1",
                                imagePullPolicy: "IfNotPresent",
                                env: [
                                    {
                                        name: "SYSTEM_UPGRADE_CONTROLLER_NAME",
                                        value: "system-upgrade-controller",
                                    },
                                    { name: "SYSTEM_UPGRADE_CONTROLLER_NAMESPACE", value: "system-upgrade" },
                                    { name: "SYSTEM_UPGRADE_CONTROLLER_LEADER_ELECT", value: "true" },
                                    { name: "SYSTEM_UPGRADE_CONTROLLER_THREADS", value: "2" },
                                    {
                                        name: "SYSTEM_UPGRADE_JOB_KUBECTL_IMAGE",
                                        value: "rancher/kubectl:v1.30.3",
                                    },
                                    { name: "SYSTEM_UPGRADE_JOB_IMAGE_PULL_POLICY", value: "IfNotPresent" },
                                    { name: "SYSTEM_UPGRADE_JOB_PRIVILEGED", value: "true" },
                                    { name: "SYSTEM_UPGRADE_JOB_BACKOFF_LIMIT", value: "1000000" },
                                    { name: "SYSTEM_UPGRADE_JOB_TTL_SECONDS_AFTER_FINISH", value: "300" },
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
                            },
                        ],
                        volumes: [{ name: "tmp", emptyDir: {} }],
                    },
                },
            },
        });
    });

    it("takes its images from elsewhere", async () => {
        const resources = await made(() =>
            systemUpgrade({
                controllerVersion: "v0.19.2",
                images: {
                    controller: "registry.example.net:5000/suc",
                    upgrade: "registry.example.net:5000/rke2-upgrade",
                    kubectl: "registry.example.net:5000/kubectl:v1.35.4",
                },
            }),
        );
        const controller = JSON.stringify(get(resources, "east-controller").inputs);
        expect(controller).toContain('"image":"registry.example.net:5000/suc:v0.19.2"');
        expect(controller).toContain('"value":"registry.example.net:5000/kubectl:v1.35.4"');
        for (const plan of ["east-servers", "east-agents"]) {
            expect(get(resources, plan).inputs["spec"]).toMatchObject({
                prepare: { image: "registry.example.net:5000/rke2-upgrade:v1.35.4-rke2r1" },
                upgrade: { image: "registry.example.net:5000/rke2-upgrade:v1.35.4-rke2r1" },
            });
        }
    });

    it("exposes what it makes, the last wait last", async () => {
        let last = "";
        let count = 0;
        await made(() => {
            const { resources } = systemUpgrade();
            count = resources.length;
            resources.at(-1)?.urn.apply((urn) => (last = urn));
        });
        expect(count).toBe(16);
        expect(last).toMatch(/::east-agents-upgraded$/);
    });

    it("registers the same, byte for byte, each time", async () => {
        const text = async () => JSON.stringify([...(await made(() => systemUpgrade()))]);
        expect(await text()).toBe(await text());
    });
});

describe("the Plans of SystemUpgrade", () => {
    it("are for nodes of their kind that are to come to this release, and no other", async () => {
        const resources = await made(() => systemUpgrade());
        const shared = {
            version: "v1.35.4+rke2r1",
            serviceAccountName: "system-upgrade",
            tolerations: [{ operator: "Exists" }],
            jobActiveDeadlineSecs: 0,
            prepare: {
                image: "rancher/rke2-upgrade:v1.35.4-rke2r1",
                command: ["bash", "-euo", "pipefail", "-c"],
                args: [
                    expect.stringMatching(
                        /^SECONDS_MAX='600'\nVERSION='v1\.35\.4\+rke2r1'\n# [^]*\nmain <\/dev\/null\n$/,
                    ),
                ],
            },
            cordon: true,
            upgrade: { image: "rancher/rke2-upgrade:v1.35.4-rke2r1" },
        };
        const release = { key: "multicluster/upgrade-to", operator: "In", values: ["v1.35.4-rke2r1"] };
        expect(get(resources, "east-servers").inputs).toEqual({
            apiVersion: "upgrade.cattle.io/v1",
            kind: "Plan",
            metadata: { name: "servers", ...IN_THE_NAMESPACE },
            spec: {
                ...shared,
                concurrency: 1,
                nodeSelector: {
                    matchExpressions: [
                        { key: "node-role.kubernetes.io/control-plane", operator: "Exists" },
                        release,
                    ],
                },
            },
        });
        expect(get(resources, "east-agents").inputs).toEqual({
            apiVersion: "upgrade.cattle.io/v1",
            kind: "Plan",
            metadata: { name: "agents", ...IN_THE_NAMESPACE },
            spec: {
                ...shared,
                concurrency: 2,
                nodeSelector: {
                    matchExpressions: [
                        { key: "node-role.kubernetes.io/control-plane", operator: "DoesNotExist" },
                        release,
                    ],
                },
            },
        });
    });

    it("drain within a time limit, or leave the pods where they are", async () => {
        const drained = await made(() => systemUpgrade({ evict: "drain" }));
        const left = await made(() => systemUpgrade({ evict: "none" }));
        for (const plan of ["east-servers", "east-agents"]) {
            const spec = Object.entries(get(drained, plan).inputs["spec"] ?? {});
            expect(Object.fromEntries(spec)).toMatchObject({
                drain: { timeout: "120s", force: true, deleteEmptydirData: true, ignoreDaemonSets: true },
            });
            expect(spec.map(([key]) => key)).not.toContain("cordon");
            const keys = Object.keys(get(left, plan).inputs["spec"] ?? {});
            expect(keys).not.toContain("cordon");
            expect(keys).not.toContain("drain");
        }
    });

    it("have a script that Kubernetes passes on as it is", async () => {
        // Of two dollar signs Kubernetes takes one away.
        const resources = await made(() => systemUpgrade());
        expect(JSON.stringify(get(resources, "east-servers").inputs)).not.toContain("$$");
    });

    it.each(["none", "cordon", "drain"] as const)(
        "are accepted by the CRD of the controller with %s",
        async (evict) => {
            const resources = await made(() => systemUpgrade({ evict }));
            for (const plan of ["east-servers", "east-agents"]) {
                const { inputs } = get(resources, plan);
                expect(complaints("system-upgrade-controller-0.20.1", inputs)).toEqual([]);
            }
        },
    );
});

describe("the CRD of Plans", () => {
    it("refuses what it does not know", () => {
        const plan = {
            apiVersion: "upgrade.cattle.io/v1",
            kind: "Plan",
            metadata: { name: "servers", ...IN_THE_NAMESPACE },
            spec: { concurrency: "1", evict: "drain", upgrade: { image: "rancher/rke2-upgrade" } },
        };
        expect(complaints("system-upgrade-controller-0.20.1", plan)).toEqual([
            'upgrade.cattle.io/v1 Plan/spec must NOT have additional properties {"additionalProperty":"evict"}',
            'upgrade.cattle.io/v1 Plan/spec/concurrency must be integer {"type":"integer"}',
        ]);
    });
});

describe("the gates of SystemUpgrade", () => {
    const stdin = async (name: string, args: Partial<SystemUpgradeArgs> = {}) => {
        const text = get(await made(() => systemUpgrade(args)), name).inputs["stdin"];
        if (typeof text !== "string") throw new Error(`${name} has no script`);
        return text;
    };

    it("ask for the controller and its CRD, which it registers itself", async () => {
        expect(await stdin("east-controller-ready")).toContain(
            "CONDITIONS='rollout deployment system-upgrade system-upgrade-controller\ncrd plans.upgrade.cattle.io'\nSECONDS_MAX='900'\n",
        );
    });

    it("tell the Plans their nodes by the release, and again when there are others", async () => {
        const variables =
            "NODES='east-1\neast-2\neast-3\neast-4\neast-5\neast-6'\nVERSION='v1.35.4+rke2r1'\n# Tells the Plans";
        expect(await stdin("east-nodes")).toContain(variables);
        expect(await stdin("east-nodes", { agents: ["east-6", "east-5", "east-4"] })).toContain(variables);
        expect(await stdin("east-nodes", { agents: ["east-4"] })).toContain(
            "NODES='east-1\neast-2\neast-3\neast-4'\n",
        );
    });

    it("wait for the versions of servers, then of all nodes, as long as their number needs", async () => {
        const servers = "CONDITIONS='versions v1.35.4+rke2r1 node-role.kubernetes.io/control-plane=true'\n";
        expect(await stdin("east-servers-upgraded")).toContain(`${servers}SECONDS_MAX='4200'\n`);
        expect(await stdin("east-servers-upgraded", { evict: "drain" })).toContain(
            `${servers}SECONDS_MAX='4560'\n`,
        );
        const all = "CONDITIONS='versions v1.35.4+rke2r1'\n";
        expect(await stdin("east-agents-upgraded")).toContain(`${all}SECONDS_MAX='3000'\n`);
        expect(await stdin("east-agents-upgraded", { agents: [] })).toContain(`${all}SECONDS_MAX='600'\n`);
    });

    it("ask again when there are other nodes, and servers only for servers", async () => {
        const agents = ["east-4"];
        expect(await stdin("east-servers-upgraded", { agents })).toBe(await stdin("east-servers-upgraded"));
        expect(await stdin("east-agents-upgraded", { agents })).not.toBe(await stdin("east-agents-upgraded"));
    });
});
