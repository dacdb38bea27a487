import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { certgenJobs } from "./certgen.ts";
import type { RenderedCluster } from "./every-version.ts";
import { gateOf } from "./gate.ts";
import { filesOf, mountsIn, mountsOf } from "./mounts.ts";
import type { Values } from "./render.ts";

/** What must be true of Cilium's chart, whatever the description says. */
export function holdsAlways(get: () => RenderedCluster): void {
    it("is rendered without a warning", () => {
        expect(get().warnings).toBe("");
    });

    it("is given only values that the chart's own values.yaml names", () => {
        const { values, chart } = get();
        const { text, defaults } = valuesFile(chart);
        const unknown = unknownPaths(values, defaults).filter(
            // Some stand there as a comment only, and what its templates read beside them is named here.
            (path) => path !== "clustermesh.disableKubernetesHostAliases" && !isComment(path, text),
        );
        expect(unknown).toEqual([]);
    });

    it("makes no certificate, no key, and nothing that would make one where it is not asked for", () => {
        const { manifest } = get();
        expect(manifest.names("Secret").filter((name) => !CONNECTIONS.includes(name))).toEqual([]);
        expect(manifest.text).not.toMatch(/BEGIN [A-Z ]+/);
        if (hasCertgen(get())) return;
        expect([...manifest.names("Job"), ...manifest.names("CronJob")]).toEqual([]);
        expect(manifest.text).not.toContain("certgen");
    });

    it("mounts exactly the Secrets that the program or certgen makes, and of each only what it holds", () => {
        const { manifest } = get();
        const made = secretsOf(get());
        const mounts = mountsIn(manifest).filter(
            ({ kind, name }) => kind === "Secret" && !CONNECTIONS.includes(name),
        );
        expect([...new Set(mounts.map(({ name }) => name))].sort()).toEqual([...made.keys()].sort());
        for (const { name, items = [] } of mounts) {
            expect(made.get(name)).toEqual(expect.arrayContaining(items.map(({ key }) => key)));
        }
    });

    it("lets no pod wait for a ConfigMap or a Secret that nobody makes", () => {
        const { manifest } = get();
        const made = [
            ...manifest.names("ConfigMap"),
            ...manifest.names("Secret"),
            ...secretsOf(get()).keys(),
        ];
        const needed = mountsIn(manifest).filter(({ optional }) => !optional);
        expect(needed.map(({ name }) => name).filter((name) => !made.includes(name))).toEqual([]);
    });

    it("mounts every file that a connection to another cluster names", () => {
        const { manifest, cluster } = get();
        const users = [
            ["cilium-clustermesh", manifest.workload("DaemonSet", "cilium")],
            ["cilium-kvstoremesh", manifest.workload("Deployment", "clustermesh-apiserver")],
        ] as const;
        for (const [name, { spec }] of users) {
            const pod = spec.template.spec;
            expect(mountsOf(pod)).toContainEqual(expect.objectContaining({ kind: "Secret", name }));
            const connections = manifest.secret(name);
            expect(Object.keys(connections).sort()).toEqual(cluster.peers.map((peer) => peer.name).sort());
            for (const connection of Object.values(connections)) {
                const files = connection.match(/\/var\/lib\/\S+/g) ?? [];
                expect(files).toHaveLength(3);
                expect(filesOf(pod)).toEqual(expect.arrayContaining(files));
            }
        }
    });

    it("has what the gate after it waits for", () => {
        const { manifest, deployment, cluster } = get();
        const { rollouts } = gateOf(deployment, `${cluster.name}-cilium-ready`);
        expect(rollouts).toEqual(["daemonset kube-system cilium", "deployment kube-system cilium-operator"]);
        expect(manifest.one("DaemonSet", "cilium").metadata).toMatchObject({ namespace: "kube-system" });
        expect(manifest.one("Deployment", "cilium-operator").metadata).toMatchObject({
            namespace: "kube-system",
        });
    });

    it("reaches the API at RKE2's own balancer, or where it was, from everything that starts before Services work", () => {
        const { manifest, cluster } = get();
        const { kubernetes, api } = cluster;
        const [host, port] =
            kubernetes === undefined ? ["localhost", "6443"] : [api.address, String(api.port ?? 6443)];
        const agent = manifest.workload("DaemonSet", "cilium").spec.template.spec;
        const operator = manifest.workload("Deployment", "cilium-operator").spec.template.spec;
        const config = agent.initContainers.filter(({ name }) => name === "config");
        expect(config).toHaveLength(1);
        for (const { env } of [...agent.containers, ...config, ...operator.containers]) {
            expect(env).toContainEqual({ name: "KUBERNETES_SERVICE_HOST", value: host });
            expect(env).toContainEqual({ name: "KUBERNETES_SERVICE_PORT", value: port });
        }
    });

    it("starts its pods again when what they read has changed", () => {
        const { manifest } = get();
        const annotations = (kind: "DaemonSet" | "Deployment", name: string) =>
            manifest.workload(kind, name).spec.template.metadata.annotations;
        const settings = annotations("DaemonSet", "cilium")["cilium.io/cilium-configmap-checksum"];
        expect(settings).toMatch(/^[0-9a-f]{60,64}$/);
        expect(annotations("Deployment", "cilium-operator")["cilium.io/cilium-configmap-checksum"]).toBe(
            settings,
        );
        expect(
            annotations("DaemonSet", "cilium-envoy")["cilium.io/cilium-envoy-configmap-checksum"],
        ).toBeDefined();
    });

    it("is the cluster that the description names, without kube-proxy", () => {
        const { config, cluster, deployment } = get();
        expect(config).toMatchObject({
            "cluster-name": cluster.name,
            "cluster-id": String(cluster.id),
            "max-connected-clusters": String(deployment.mesh.maxConnectedClusters),
            "kube-proxy-replacement": "true",
            "identity-allocation-mode": "crd",
        });
    });
}

const valuesFiles = new Map<string, { readonly text: string; readonly defaults: unknown }>();

function valuesFile(chart: string) {
    const known = valuesFiles.get(chart);
    if (known !== undefined) return known;
    const text = readFileSync(join(chart, "values.yaml"), "utf8");
    const defaults: unknown = parse(text);
    const read = { text, defaults };
    valuesFiles.set(chart, read);
    return read;
}

/** The chart's own Secrets: how other clusters are reached, by the names of files. */
const CONNECTIONS: readonly string[] = ["cilium-clustermesh", "cilium-kvstoremesh"];

const secretInputs = z.object({
    metadata: z.object({ name: z.string(), namespace: z.literal("kube-system") }),
    stringData: z.record(z.string(), z.string()),
});

/** Whether the clusters make their certificates themselves. */
function hasCertgen({ deployment }: RenderedCluster): boolean {
    return deployment.mesh.certificates.method === "certgen";
}

/** The Secrets that the program, or certgen, makes for the chart's pods, with the names of their entries. */
function secretsOf(rendered: RenderedCluster): Map<string, string[]> {
    const { deployment, cluster, manifest } = rendered;
    const makers = [
        ...(hasCertgen(rendered)
            ? []
            : [deployment.one("multicluster:tls:ClusterCertificates", `${cluster.name}-certificates`)]),
        deployment.one("multicluster:cilium:Cilium", `${cluster.name}-cilium`),
    ];
    const certgen = certgenJobs(manifest).flatMap(({ certificates }) => certificates);
    const secrets = makers
        .flatMap(({ urn }) => deployment.below(urn))
        .filter(({ type }) => type === "kubernetes:core/v1:Secret")
        .map(({ inputs }) => secretInputs.parse(inputs));
    return new Map(
        [
            ...secrets.map(({ metadata, stringData }) => [metadata.name, Object.keys(stringData)] as const),
            ...certgen.map(({ name }) => [name, ["ca.crt", "tls.crt", "tls.key"]] as const),
        ].map(([name, entries]) => [name, [...entries]]),
    );
}

/** Whether a value stands in the defaults as a comment, where it would stand as a value. */
function isComment(path: string, text: string): boolean {
    const keys = path.split(".");
    return new RegExp(`^ {${2 * (keys.length - 1)}}# ?${keys.at(-1) ?? ""}: `, "m").test(text);
}

/** The paths of values that the defaults do not name. A map that is empty there takes anything. */
function unknownPaths(values: Values, defaults: unknown, path = ""): string[] {
    const known = new Map(Object.entries(z.record(z.string(), z.unknown()).parse(defaults)));
    return Object.entries(values).flatMap(([key, value]) => {
        const here = path === "" ? key : `${path}.${key}`;
        if (!known.has(key)) return [here];
        const inner = z.record(z.string(), z.json()).safeParse(value);
        const default_ = z.record(z.string(), z.unknown()).safeParse(known.get(key));
        return inner.success && default_.success && Object.keys(default_.data).length > 0
            ? unknownPaths(inner.data, default_.data, here)
            : [];
    });
}
