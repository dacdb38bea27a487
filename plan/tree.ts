import { MESH_DOMAIN, meshDomainOf } from "../model/mesh-api.ts";
import { formatProblem, type Problem } from "../model/problem.ts";
import type { BroughtCa, Mesh } from "../model/resolved.ts";
import { neededKeyFiles, neededKubeconfigFiles, neededSecrets } from "../model/secrets.ts";
import { dayOf, endOf, readChain, subjectOf } from "../model/support/ca-certificate.ts";
import { certgenDays } from "../model/support/certgen.ts";
import { isRotated, trustOf, trustText } from "../model/trust.ts";
import type { Ancestry } from "./ancestry.ts";
import { drawBranch, type Branch } from "./branch.ts";
import { clusterBranch } from "./cluster-branch.ts";
import { groupBy } from "./group.ts";
import type { Paint } from "./paint.ts";
import type { RecordedResource } from "./record.ts";
import { count, MOST_NAMES, topologyText } from "./words.ts";

export interface TreeArgs {
    readonly mesh: Mesh;
    readonly warnings: readonly Problem[];
    readonly resources: readonly RecordedResource[];
    readonly ancestry: Ancestry;
    readonly paint: Paint;
}

/** A plan as a person reads it: the mesh, what to look at twice, what has to be there first, and how much it is. */
export function treeText({ mesh, warnings, resources, ancestry, paint }: TreeArgs): string {
    const ofCluster = groupBy(resources, (resource) => ancestry.cluster(resource));
    const clusters = mesh.clusters.map((cluster) =>
        clusterBranch(cluster, ofCluster.get(cluster.name) ?? [], paint),
    );
    return [
        ...drawBranch({
            text: `${paint("bold", mesh.name)}: ${membersText(mesh)}`,
            children: [
                { text: certificatesText(mesh), children: trustBranches(mesh) },
                ...domainBranches(mesh),
                ...upgradeBranches(mesh),
                ...clusters,
            ],
        }),
        ...section(
            paint("yellow", count(warnings.length, "warning")),
            warnings.flatMap((warning) => `! ${formatProblem(warning)}`.split("\n")),
        ),
        ...section("before pulumi up", neededText(mesh)),
        ...section(countsTitle(resources), countsText(resources)),
        "",
    ].join("\n");
}

function section(title: string, lines: readonly string[]): string[] {
    return lines.length === 0 ? [] : ["", title, ...lines.map((line) => `  ${line}`)];
}

function membersText(mesh: Mesh): string {
    const { length } = mesh.clusters;
    return length === 1 ? topologyText(mesh) : `${count(length, "cluster")}, ${topologyText(mesh)}`;
}

/** By which names clusters call each other, where that is described. */
function domainBranches(mesh: Mesh): Branch[] {
    if (mesh.domains === undefined) return [];
    const used = meshDomainOf(mesh);
    const others = new Set([...mesh.domains, MESH_DOMAIN]);
    others.delete(used);
    const held = others.size === 0 ? "" : `; certificates also hold those of ${[...others].join(", ")}`;
    return [{ text: `mesh APIs with several addresses are called <cluster>.${used}${held}` }];
}

/** In which order clusters change their Cilium, while they do. */
function upgradeBranches({ ciliumUpgrade, clusters }: Mesh): Branch[] {
    if (ciliumUpgrade === undefined) return [];
    const { from, order } = ciliumUpgrade;
    const steps = order.flatMap((name) => {
        const version = clusters.find((cluster) => cluster.name === name)?.cilium.version;
        return version === undefined ? [] : [`${name} ${version}`];
    });
    const list =
        steps.length > MOST_NAMES
            ? `${count(steps.length, "cluster")}, one after the other`
            : steps.join(", then ");
    return [{ text: `Cilium comes from ${from}: ${list}` }];
}

function certificatesText({ certificates }: Mesh): string {
    const { method, caValidityHours, leafValidityHours, leafEarlyRenewalHours, ca, nextCa } = certificates;
    const life = ca === undefined ? `one CA for ${days(caValidityHours)}` : `one CA, ${broughtText(ca)}`;
    if (method === "certgen") {
        const lives = days(certgenDays(leafValidityHours) * 24);
        return `${life}, its key in every cluster; certificates for ${lives}, made and once a month renewed by certgen in each cluster`;
    }
    return `${nextCa === undefined ? life : "two CAs"}; certificates for ${days(leafValidityHours)}, renewed in their last ${days(leafEarlyRenewalHours)}`;
}

/** What a person has to know of the CAs once there is more than the first to know of. */
function trustBranches({ certificates }: Mesh): Branch[] {
    const { caGeneration, nextCa, ca, nextCaFrom } = certificates;
    const trust = trustOf(certificates);
    if (!isRotated(trust)) return [];
    const of = (brought: BroughtCa | undefined) =>
        brought === undefined ? "made here" : broughtText(brought);
    return [
        {
            text: trustText(trust),
            children: [
                { text: `CA ${caGeneration}: ${of(ca)}` },
                ...(nextCa === undefined ? [] : [{ text: `CA ${caGeneration + 1}: ${of(nextCaFrom)}` }]),
            ],
        },
    ];
}

function broughtText({ certificate }: BroughtCa): string {
    const chain = readChain(certificate) ?? [];
    const [signer] = chain;
    const name = signer === undefined ? "" : `, ${subjectOf(signer)}`;
    return `brought${name}, until ${dayOf(endOf(chain))}`;
}

function days(hours: number): string {
    return hours % 24 === 0 ? count(hours / 24, "day") : count(hours, "hour");
}

function neededText(mesh: Mesh): string[] {
    return [
        ...neededSecrets(mesh).map(({ key, path }) => `pulumi config set --secret ${key}  # ${path}`),
        ...neededKeyFiles(mesh).map(({ file, path }) => `the private key ${file}  # ${path}`),
        ...neededKubeconfigFiles(mesh).map(({ file, path }) => `the kubeconfig ${file}  # ${path}`),
    ];
}

function countsTitle(resources: readonly RecordedResource[]): string {
    const components = resources.filter(({ custom }) => !custom).length;
    return `${count(resources.length, "resource")}, of which ${count(components, "component")}`;
}

function countsText(resources: readonly RecordedResource[]): string[] {
    return [...groupBy(resources, ({ type }) => type)]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([type, { length }]) => `${String(length).padStart(4)}  ${type}`);
}
