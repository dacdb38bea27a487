import { z } from "zod";

import { leavesOf } from "../../../../components/tls/leaf.ts";
import type { Cluster } from "../../../../model/resolved.ts";
import type { Run } from "../../engine/engine.ts";
import { nodesOf } from "../../mesh/hosts.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { readAudit, type Change } from "./audit.ts";
import { firstStart } from "./journal.ts";

/** What the Kubernetes provider calls itself to API servers; Helm works inside of it. */
const ENGINE = /^pulumi-kubernetes\//;

/**
 * Things happened in the order that they need, as API servers and hosts have noted it: servers joined one after the other,
 * agents after them, certificates were there before the chart that mounts them, and kinds before their objects. With the run
 * that made it all, also that nothing was begun too early and worked by trying again. An error lists every violation.
 */
export async function orderOnTheWire(lab: LabMesh, run?: Run): Promise<void> {
    const problems: string[] = [];
    for (const cluster of lab.mesh.clusters) {
        const audit = await readAudit(lab, cluster.name);
        problems.push(
            ...(await joined(lab, cluster, audit)),
            ...secretsBeforeChart(cluster, audit),
            ...kindsBeforeObjects(cluster, audit),
            ...(run === undefined ? [] : begunInTime(cluster, await kindsOf(lab, cluster), run)),
        );
    }
    if (problems.length > 0) throw new Error(`things happened in a wrong order:\n${problems.join("\n")}`);
}

const nodeList = z.object({
    items: z.array(
        z.object({
            metadata: z.object({ name: z.string() }),
            status: z.object({
                conditions: z.array(
                    z.object({ type: z.string(), status: z.string(), lastTransitionTime: z.string() }),
                ),
            }),
        }),
    ),
});

/** Each server begins after the one before has a vote in etcd, each agent after all of them have. */
async function joined(lab: LabMesh, cluster: Cluster, audit: readonly Change[]): Promise<string[]> {
    const text = await lab.kubectl(cluster.name, "get", "nodes", "--output", "json");
    const { items } = nodeList.parse(JSON.parse(text));
    const problems: string[] = [];
    // Times in RFC 3339 and UTC, of whole seconds: the later ones are more exact.
    let admitted = "";
    for (const { name, role } of nodesOf(cluster)) {
        const [began, registered] = [
            await firstStart(lab, name, `rke2-${role}`),
            creation(audit, "nodes", name),
        ];
        if (registered === undefined) problems.push(`${name} has not registered in ${cluster.name}`);
        for (const [what, at] of [
            ["began", began],
            ["registered", registered],
        ] as const) {
            if (at === undefined || at >= admitted) continue;
            problems.push(
                `${name} ${what} at ${at}, before the servers before it could vote in etcd: ${admitted}`,
            );
        }
        if (role === "agent") continue;
        const voter = items
            .find(({ metadata }) => metadata.name === name)
            ?.status.conditions.find(({ type, status }) => type === "EtcdIsVoter" && status === "True");
        if (voter === undefined) problems.push(`${name} has no vote in etcd`);
        else admitted = [admitted, voter.lastTransitionTime.replace("Z", "")].sort().at(-1) ?? "";
    }
    return problems;
}

/** The Secrets with the certificates of the mesh are there before anything of Cilium's chart. */
function secretsBeforeChart({ name, cilium }: Cluster, audit: readonly Change[]): string[] {
    const chart = audit.find(
        (change) =>
            change.creates &&
            change.resource === "secrets" &&
            /^sh\.helm\.release\.v1\.cilium\./.test(change.name),
    );
    if (chart === undefined) return [`Helm has not noted its release of Cilium in ${name}`];
    const secrets = leavesOf({
        clusterName: name,
        ciliumVersion: cilium.version,
        authMode: cilium.authMode,
        namespace: "kube-system",
        hubble: { server: cilium.hubble.enabled, relay: cilium.hubble.relay },
    }).map(({ secretName }) => secretName);
    return secrets.flatMap((secret) => {
        const at = creation(audit, "secrets", secret);
        if (at === undefined) return [`the Secret ${secret} was never made in ${name}`];
        return at < chart.at
            ? []
            : [
                  `the Secret ${secret} of ${name} was made at ${at}, after Cilium's chart had begun at ${chart.at}`,
              ];
    });
}

/** No object is asked for before there is its kind. */
function kindsBeforeObjects({ name: cluster }: Cluster, audit: readonly Change[]): string[] {
    const kinds = new Map(
        audit
            .filter(({ creates, resource }) => creates && resource === "customresourcedefinitions")
            .map(({ name, at }) => [name, at] as const),
    );
    const groups = new Set([...kinds.keys()].map((name) => name.slice(name.indexOf(".") + 1)));
    return audit
        .filter(({ group, by }) => groups.has(group) && ENGINE.test(by))
        .flatMap(({ group, resource, name, verb, code, at }) => {
            const made = kinds.get(`${resource}.${group}`);
            if (code !== 404 && made !== undefined && made < at) return [];
            return [
                `the engine asked ${cluster} at ${at} to ${verb} ${resource}.${group} ${name} (answer ${code}); ` +
                    `its kind was made ${made === undefined ? "never" : `at ${made}`}`,
            ];
        });
}

function creation(audit: readonly Change[], resource: string, name: string): string | undefined {
    return audit.find((change) => change.creates && change.resource === resource && change.name === name)?.at;
}

const kindList = z.object({
    items: z.array(
        z.object({
            metadata: z.object({ creationTimestamp: z.string() }),
            spec: z.object({ group: z.string(), names: z.object({ kind: z.string() }) }),
        }),
    ),
});

/** When the kinds of objects that are no part of Kubernetes came to a cluster, by `group:Kind`, in seconds. */
async function kindsOf(lab: LabMesh, { name }: Cluster): Promise<ReadonlyMap<string, number>> {
    const text = await lab.kubectl(name, "get", "customresourcedefinitions", "--output", "json");
    return new Map(
        kindList
            .parse(JSON.parse(text))
            .items.map(({ metadata, spec }) => [
                `${spec.group}:${spec.names.kind}`,
                Date.parse(metadata.creationTimestamp) / 1000,
            ]),
    );
}

/** The provider tries for a minute to make an object whose kind is not there: that goes well, or not, by luck. */
function begunInTime({ name: cluster }: Cluster, kinds: ReadonlyMap<string, number>, run: Run): string[] {
    return run.events.flatMap(({ timestamp, resourcePreEvent }) => {
        const { op = "", urn = "", type = "" } = resourcePreEvent?.metadata ?? {};
        const name = urn.slice(urn.lastIndexOf("::") + 2);
        if (op !== "create" || !name.startsWith(`${cluster}-`)) return [];
        const [, group = "", kind = ""] = /^kubernetes:([^/]+)\/[^:]+:(.+)$/.exec(type) ?? [];
        const made = kinds.get(`${group}:${kind}`);
        if (made === undefined || timestamp >= made) return [];
        return [`${name} was begun ${made - timestamp} s before ${cluster} had its kind ${kind}`];
    });
}
