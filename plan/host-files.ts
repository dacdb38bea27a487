import type { Mesh } from "../model/resolved.ts";
import { nodesOf } from "../model/rules/nodes.ts";
import { NODE_TYPE, type Ancestry } from "./ancestry.ts";
import { fileName, type Folder } from "./folder.ts";
import { isObject, textAt, type JsonObject } from "./json.ts";
import type { RecordedResource } from "./record.ts";
import type { Redactor } from "./redact.ts";

export interface HostFilesArgs {
    readonly mesh: Mesh;
    readonly resources: readonly RecordedResource[];
    readonly ancestry: Ancestry;
    readonly redactor: Redactor;
    /** How a node's config.yaml is written. */
    readonly configYaml: (config: JsonObject) => string;
}

/**
 * What lands on machines: each node's config.yaml, and every script in the folder of the node it runs on, or in the cluster's
 * own where it runs on the machine that runs Pulumi.
 */
export function addHostFiles(folder: Folder, args: HostFilesArgs): void {
    for (const resource of args.resources) {
        if (resource.type === NODE_TYPE) addConfig(folder, resource, args);
        if (resource.type === "command:remote:Command") addScript(folder, resource, args);
        if (resource.type === "command:local:Command") addLocalScript(folder, resource, args);
    }
}

function addConfig(
    folder: Folder,
    node: RecordedResource,
    { ancestry, redactor, configYaml }: HostFilesArgs,
) {
    const { config } = redactor.resource(node).inputs;
    if (isObject(config))
        folder.add(`${nodeFolder(ancestry.cluster(node), nodeName(node))}/config.yaml`, configYaml(config));
}

function addScript(folder: Folder, command: RecordedResource, { mesh, ancestry, redactor }: HostFilesArgs) {
    const { cluster, host, prefix } = placeOf(command, mesh, ancestry);
    const name = command.name.startsWith(prefix)
        ? command.name.slice(prefix.length).replace(ADDRESSES_OF, "egress-addresses")
        : command.name;
    const script = textAt(command.inputs, "stdin") ?? textAt(command.inputs, "create") ?? "";
    folder.add(`${nodeFolder(cluster, host)}/${fileName(name)}.sh`, redactor.text(script));
}

function addLocalScript(folder: Folder, command: RecordedResource, { ancestry, redactor }: HostFilesArgs) {
    const cluster = ancestry.cluster(command) ?? "_";
    const name = command.name.startsWith(`${cluster}-`)
        ? command.name.slice(cluster.length + 1)
        : command.name;
    const script = textAt(command.inputs, "stdin") ?? "";
    folder.add(`${fileName(cluster)}/scripts/${fileName(name)}.sh`, redactor.text(script));
}

/** Egress addresses are put on each node by a script of their own. */
const ADDRESSES_OF = /egress-addresses-(.+)$/;

/** Whose host a script runs on. */
function placeOf(command: RecordedResource, mesh: Mesh, ancestry: Ancestry) {
    const node = ancestry.nearest(NODE_TYPE, command);
    const cluster = ancestry.cluster(command);
    if (node !== undefined) return { cluster, host: nodeName(node), prefix: `${node.name}-` };
    if (cluster === undefined) return lookedAt(command, mesh);
    const [, gateway] = ADDRESSES_OF.exec(command.name) ?? [];
    if (gateway !== undefined) return { cluster, host: gateway, prefix: `${cluster}-` };
    // What is no node's own business is done on the server that begins the cluster.
    const host = mesh.clusters.find(({ name }) => name === cluster)?.servers[0]?.name;
    return { cluster, host, prefix: `${cluster}-` };
}

/** Hosts are looked at for the mesh as a whole. */
function lookedAt(command: RecordedResource, { clusters }: Mesh) {
    const hosts = clusters.flatMap((cluster) =>
        nodesOf(cluster).map((node) => ({
            cluster: cluster.name,
            host: node.name,
            prefix: `${cluster.name}-${node.name}-`,
        })),
    );
    const found = hosts.find(({ prefix }) => command.name === `${prefix}preflight`);
    return found ?? { cluster: undefined, host: undefined, prefix: "" };
}

function nodeName(node: RecordedResource): string {
    return textAt(node.inputs, "config", "node-name") ?? node.name;
}

function nodeFolder(cluster: string | undefined, node: string | undefined): string {
    return `${fileName(cluster ?? "_")}/nodes/${fileName(node ?? "_")}`;
}
