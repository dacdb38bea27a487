import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

import type { CiliumChart } from "../../model/resolved.ts";
import { ciliumHas } from "../../model/support/cilium-options.ts";
import { waitFor, type Condition, type Gatekeeper } from "../gate/wait-for.ts";
import { chartRelease } from "../helm/chart-release.ts";
import { refuse } from "../refuse.ts";
import { refuseChanges } from "../refuse-changes.ts";
import { bundledRelease } from "./bundled-cilium.ts";
import { bundledConfig } from "./bundled-values.ts";
import { ciliumChangeProblems } from "./changes.ts";
import { ciliumProblems } from "./cilium-problems.ts";
import { IPSEC_SECRET } from "./encryption-values.ts";
import { mcsCrds } from "./mcs-crds.ts";
import { readyConditions } from "./ready-conditions.ts";
import type { CiliumValuesArgs } from "./values-args.ts";
import { ciliumValues } from "./values.ts";

const TYPE = "multicluster:cilium:Cilium";
/** The node agents' home; the certificates' Secrets lie there too. */
const NAMESPACE = "kube-system";

/** Certgen's Jobs need nodes with a network, which the same release brings: as long as the gate after it waits. */
const CERTGEN_SECONDS = 900;

/** Everything is plain, because it is checked before anything is touched, but for the key of IPsec. */
export interface CiliumArgs extends CiliumValuesArgs {
    /**
     * Where the chart comes from. A path is read on the machine that runs Pulumi, and stays as it is written. The bundled one is
     * RKE2's: RKE2 installs it from what `bundledFirst` has put on its first server, and here it is only configured.
     */
    readonly chart: CiliumChart;
    /** The key of IPsec, as `ID+ ALGORITHM KEY LENGTH`, the same in every cluster; with `encryption.type` "ipsec" only. @default - none */
    readonly ipsecKey?: pulumi.Input<string>;
    /** The administrator's, to take over an installation that was cut off. @default - Helm refuses one */
    readonly kubeconfig?: pulumi.Input<string>;
    /** The minor version that an upgrade under way comes from, as "1.18": only with it the minor version changes. @default - none */
    readonly upgradeFrom?: string;
    /** A server that waits until Cilium works. @default - nobody waits */
    readonly gatekeeper?: Gatekeeper;
}

/**
 * Cilium in one cluster: the Secret of IPsec's key, CRDs that the operator wants and does not bring, the chart, and a gate
 * that opens when its own CRDs, agents and operator are there and every node is ready. The mesh API is not waited for: its
 * address comes from a pool that is made after the gate.
 *
 * It needs nodes that run, and the Secrets of the cluster's certificates, or with certgen the one of the CA: name both in
 * `dependsOn`. It refuses versions other than 1.16 to 1.20, values that the mesh owns or the version does not know, and
 * features without what they need. Changes of the version are refused before a release of a chart of its own; for RKE2's own
 * they must be before RKE2's nodes.
 */
export class Cilium extends pulumi.ComponentResource {
    /** The chart's release, in `kube-system`; or the last step of configuring the one that RKE2 installs. */
    readonly release: pulumi.Resource;
    /** What to depend on for what needs a working Cilium: the gate, or the release where nobody waits. */
    readonly ready: pulumi.Resource;

    constructor(name: string, args: CiliumArgs, opts: pulumi.ComponentResourceOptions = {}) {
        refuse(`Cilium ${name}`, ciliumProblems(args));
        const { version, clusterName, clusterId, chart, gatekeeper } = args;
        super(TYPE, name, { version, clusterName, clusterId }, opts);

        const ipsec = args.ipsecKey === undefined ? [] : [this.#keepKey(name, args.ipsecKey, opts)];
        const crds = mcsCrds(name, args, { parent: this });
        // The pods mount the Secrets, and run on the nodes; a destroy must go the other way round, so it stands in the state.
        const inside = {
            parent: this,
            ...pulumi.mergeOptions({ dependsOn: [...ipsec, ...crds] }, { dependsOn: opts.dependsOn }),
        };
        const { release, deployed, values } = this.#install(name, args, inside);
        this.release = release;
        this.ready =
            gatekeeper === undefined
                ? this.release
                : waitFor(
                      `${name}-ready`,
                      gatekeeper,
                      {
                          conditions: [...deployed, ...readyConditions(args, NAMESPACE)],
                          after: { version, chart, values },
                      },
                      // The gate waits for what this release starts.
                      { parent: this, dependsOn: this.release },
                  );

        this.registerOutputs({ version });
    }

    /** The release, what shows that it is the described one where Helm does not say so, and its values. */
    #install(
        name: string,
        args: CiliumArgs,
        opts: pulumi.CustomResourceOptions & { parent: pulumi.Resource },
    ): { release: pulumi.Resource; deployed: Condition[]; values: unknown } {
        const { version, clusterName, chart, gatekeeper } = args;
        if ("bundled" in chart) {
            if (gatekeeper === undefined || !("ssh" in gatekeeper)) {
                throw new pulumi.ResourceError(
                    "RKE2's own Cilium needs a server as gatekeeper: what RKE2 is at shows there",
                    this,
                    true,
                );
            }
            const config = bundledConfig(args, NAMESPACE);
            const seen = {
                namespace: NAMESPACE,
                deployment: "cilium-operator",
                version,
                mark: config.mark,
                chart: config.object.metadata.name,
            };
            return {
                release: bundledRelease(`${name}-bundled`, config, gatekeeper, opts),
                deployed: [{ kind: "deployed", ...seen }],
                values: config.mark,
            };
        }
        const values = ciliumValues(args);
        const release = chartRelease(
            `${name}-chart`,
            {
                name: "cilium",
                version,
                source: chart,
                namespace: NAMESPACE,
                values,
                kubeconfig: args.kubeconfig,
                ...(args.certgen === undefined || ciliumHas("certgenUnawaited", version)
                    ? {}
                    : { timeoutSeconds: CERTGEN_SECONDS }),
            },
            {
                ...opts,
                ...refuseChanges(name, `clusters.${clusterName}`, (before, after) =>
                    ciliumChangeProblems(before, after, args.upgradeFrom),
                ),
            },
        );
        return { release, deployed: [], values };
    }

    #keepKey(
        name: string,
        key: pulumi.Input<string>,
        { dependsOn }: pulumi.ComponentResourceOptions,
    ): kubernetes.core.v1.Secret {
        return new kubernetes.core.v1.Secret(
            `${name}-ipsec-keys`,
            {
                metadata: { name: IPSEC_SECRET.name, namespace: NAMESPACE },
                stringData: { [IPSEC_SECRET.key]: pulumi.secret(key) },
            },
            { parent: this, ...(dependsOn === undefined ? {} : { dependsOn }) },
        );
    }
}
