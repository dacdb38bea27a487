import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import { waitFor, type Condition, type Gate } from "../gate/wait-for.ts";
import { hostScript } from "../host/host-script.ts";
import { refuse } from "../refuse.ts";
import type { SystemUpgradeArgs } from "./system-upgrade-args.ts";
import { CONTROLLER, NAMESPACE, systemUpgradeController } from "./system-upgrade-controller.ts";
import { planSeconds, planSpec, SERVERS, type PlanName } from "./system-upgrade-plan.ts";
import { systemUpgradeProblems } from "./system-upgrade-problems.ts";

const TYPE = "multicluster:rke2:SystemUpgrade";

/** etcd is saved there, too. */
const NODES_SECONDS = 300;

/**
 * Upgrades of RKE2 from inside the cluster, by Rancher's system-upgrade-controller: servers one by one, then agents. It is
 * there when every node runs the version. Nodes that are made later come with their version and are left alone.
 *
 * The controller knows no order of versions: whoever uses this refuses downgrades and skipped minors before.
 *
 * @see https://docs.rke2.io/upgrades/automated_upgrade
 */
export class SystemUpgrade extends pulumi.ComponentResource {
    /** Everything that is made, in order. The last one ends when all nodes run the version. */
    readonly resources: readonly pulumi.Resource[];

    readonly #name: string;
    readonly #args: SystemUpgradeArgs;

    constructor(name: string, args: SystemUpgradeArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`SystemUpgrade ${name}`, systemUpgradeProblems(args));
        const { version, servers, agents, evict } = args;
        super(TYPE, name, { version, servers, agents, evict }, opts);
        this.#name = name;
        this.#args = args;

        const { rights, controller } = systemUpgradeController(name, args, { parent: this });
        const ready = this.#controllerReady(controller);
        const nodes = this.#nodes(ready);
        const serverPlan = this.#plan("servers", nodes);
        const serversUpgraded = this.#upgraded("servers", serverPlan);
        // The image's own way to let agents wait for servers, `prepare`, would wait for ever: hence a gate.
        const agentPlan = this.#plan("agents", serversUpgraded);
        const agentsUpgraded = this.#upgraded("agents", agentPlan);

        this.resources = [
            ...rights,
            controller,
            ready,
            nodes,
            serverPlan,
            serversUpgraded,
            agentPlan,
            agentsUpgraded,
        ];
        this.registerOutputs({ version });
    }

    /** The controller registers the CRD of Plans itself. */
    #controllerReady(controller: pulumi.Resource): pulumi.Resource {
        const { gatekeeper, controllerVersion, images } = this.#args;
        return waitFor(
            `${this.#name}-controller-ready`,
            gatekeeper,
            {
                conditions: [
                    { kind: "rollout", workload: "deployment", namespace: NAMESPACE, name: CONTROLLER },
                    { kind: "crd", name: "plans.upgrade.cattle.io" },
                ],
                after: { controllerVersion, images },
            },
            { parent: this, dependsOn: controller },
        );
    }

    /** Which nodes the Plans are for. Before the Plans, which begin at once. */
    #nodes(ready: pulumi.Resource): pulumi.Resource {
        const { version, servers, agents, gatekeeper } = this.#args;
        return hostScript(
            `${this.#name}-nodes`,
            {
                ssh: gatekeeper.ssh,
                file: new URL("scripts/system-upgrade-nodes.sh", import.meta.url),
                variables: {
                    VERSION: version,
                    NODES: [...servers, ...agents].toSorted().join("\n"),
                },
                timeoutSeconds: NODES_SECONDS,
            },
            { parent: this, dependsOn: ready },
        );
    }

    #plan(plan: PlanName, after: pulumi.Resource): k8s.apiextensions.CustomResource {
        return new k8s.apiextensions.CustomResource(
            `${this.#name}-${plan}`,
            {
                apiVersion: "upgrade.cattle.io/v1",
                kind: "Plan",
                metadata: { name: plan, namespace: NAMESPACE },
                spec: planSpec(plan, this.#args),
            },
            { parent: this, dependsOn: after },
        );
    }

    #upgraded(plan: PlanName, after: pulumi.Resource): pulumi.Resource {
        const { version, servers, agents, gatekeeper } = this.#args;
        const selector = plan === "servers" ? { selector: `${SERVERS.key}=${SERVERS.value}` } : {};
        const conditions: Condition[] = [{ kind: "versions", version, ...selector }];
        const gate: Gate = { conditions, after: { servers, ...(plan === "servers" ? {} : { agents }) } };
        return waitFor(
            `${this.#name}-${plan}-upgraded`,
            { ssh: gatekeeper.ssh, timeoutSeconds: planSeconds(plan, this.#args) },
            gate,
            { parent: this, dependsOn: after },
        );
    }
}
