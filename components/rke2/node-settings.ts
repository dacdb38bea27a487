import type * as pulumi from "@pulumi/pulumi";

import type { Install, Rollout } from "../../model/resolved.ts";
import { installVariables } from "./install.ts";
import type { Rke2Config } from "./config.ts";
import { kubeVipManifest, type KubeVipArgs } from "./kube-vip.ts";
import { preparation, type PreparationArgs } from "./preparation.ts";

/** Where files for a host without a way out are put. Whoever logs in must be able to write there. */
export const ARTIFACTS_FOLDER = "/var/tmp/multicluster-artifacts";

/** What holds for all nodes of a cluster, beside config.yaml. Everything has a default. */
export interface NodeSettings {
    /** How RKE2 comes onto the hosts. @default - the tarball */
    readonly install?: Install;
    /** Where the install script comes from. @default "https://get.rke2.io" */
    readonly installUrl?: string;
    /** The text of registries.yaml, which may hold passwords. @default - none */
    readonly registries?: pulumi.Input<string>;
    /** RKE2's environment, KEY=value on each line: see `proxyLines`. @default - none */
    readonly proxy?: string;
    /** What holds the API's address on the servers. @default - nothing */
    readonly kubeVip?: KubeVipArgs;
    /** How hosts are prepared. @default - not at all */
    readonly preparation?: Omit<PreparationArgs, "role" | "config" | "method">;
    /** How a change goes from node to node. @default - agents by tens, cordoned */
    readonly rollout?: Rollout;
    /** Who brings nodes that run to another version: this program over SSH, or a controller in the cluster. @default "ssh" */
    readonly upgradeBy?: "ssh" | "system-upgrade-controller";
    /** A higher one than before replaces the token. @default 1 */
    readonly tokenGeneration?: number;
    /** A higher one than before makes the nodes' certificates anew. @default 1 */
    readonly certificateGeneration?: number;
}

export const ROLLOUT: Rollout = { agentsAtOnce: 10, evict: "cordon", drainSeconds: 600 };

/** Whether hosts are given files from this machine. */
export function artifactsDirectory({ install }: NodeSettings): string | undefined {
    return install?.method === "air-gap" && "directory" in install.artifacts
        ? install.artifacts.directory
        : undefined;
}

/** The variables that the settings become for a node's script. */
export function settingsVariables(
    role: "server" | "agent",
    config: Rke2Config,
    settings: NodeSettings,
): Record<string, pulumi.Input<string>> {
    const { evict, drainSeconds } = settings.rollout ?? ROLLOUT;
    return {
        ...(settings.preparation === undefined
            ? {}
            : preparation({
                  ...settings.preparation,
                  role,
                  config,
                  method: settings.install?.method ?? "tar",
              })),
        ...installVariables(settings, ARTIFACTS_FOLDER),
        ...given("REGISTRIES", settings.registries),
        ...given("PROXY", settings.proxy),
        ...given(
            "KUBE_VIP",
            role === "server" && settings.kubeVip !== undefined
                ? kubeVipManifest(settings.kubeVip)
                : undefined,
        ),
        ...(settings.upgradeBy === "system-upgrade-controller" ? { UPGRADES: "elsewhere" } : {}),
        EVICT: evict,
        DRAIN_SECONDS: String(drainSeconds),
        TOKEN_GENERATION: String(settings.tokenGeneration ?? 1),
        CERTIFICATE_GENERATION: String(settings.certificateGeneration ?? 1),
    };
}

/** What changes with a restart and is not in config.yaml, for previews: no secret is in it. */
export function shownSettings({
    install,
    proxy,
    kubeVip,
    tokenGeneration,
    certificateGeneration,
}: NodeSettings): Record<string, unknown> {
    return {
        ...given("install", install?.method === "tar" ? undefined : install),
        ...given("proxy", proxy),
        ...given("kubeVip", kubeVip),
        // Shown from the second on: the first is what every cluster begins with.
        ...given("tokenGeneration", tokenGeneration === 1 ? undefined : tokenGeneration),
        ...given("certificateGeneration", certificateGeneration === 1 ? undefined : certificateGeneration),
    };
}

/** A key with its value, or no key for none. */
function given<Value>(key: string, value: Value | undefined): Record<string, Value> {
    return value === undefined ? {} : { [key]: value };
}
