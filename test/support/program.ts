import * as pulumi from "@pulumi/pulumi";

import type { MeshDescription } from "../../model/describe.ts";
import type { JsonValue, Mesh } from "../../model/resolved.ts";
import { record, type RecordedResource } from "../../plan/record.ts";
import { accept } from "../../stacks/accept.ts";
import { deployMesh } from "../../stacks/deploy-mesh.ts";
import type { SecretSource } from "../../stacks/secrets.ts";

/** Secrets that can be recognised wherever they end up. */
export const testSecrets: SecretSource = {
    get: (key) => pulumi.secret(`<secret ${key}>`),
    keyFile: (file) => pulumi.secret(`<secret ${file}>`),
    refuse: () => [],
    refuseKeyFile: () => [],
    refuseKubeconfigFile: () => [],
};

export interface Deployment {
    readonly mesh: Mesh;
    readonly resources: readonly RecordedResource[];
    /** The resource itself; an error where there is none or more than one. */
    one(type: string, name: string): RecordedResource;
    /** All below a component, at any depth. */
    below(urn: string): RecordedResource[];
    /** All below the component of a cluster. */
    inCluster(name: string): RecordedResource[];
}

/** What the program registers for a description. */
export async function deployed(description: MeshDescription, { preview = true } = {}): Promise<Deployment> {
    const { resources, outputs: mesh } = await record(
        () => {
            const accepted = accept("test", description, { secrets: testSecrets, refuseWarnings: false });
            deployMesh(accepted.mesh, testSecrets);
            return accepted.mesh;
        },
        { project: "multicluster", stack: "test", preview },
    );
    const parents = new Map(resources.map(({ urn, parent }) => [urn, parent]));
    const isBelow = (urn: string | undefined, top: string): boolean =>
        urn !== undefined && (urn === top || isBelow(parents.get(urn), top));
    const one = (type: string, name: string) => {
        const [found, ...more] = resources.filter(
            (resource) => resource.type === type && resource.name === name,
        );
        if (found === undefined || more.length > 0) throw new Error(`not exactly one ${type} ${name}`);
        return found;
    };
    const below = (top: string) => resources.filter(({ urn }) => urn !== top && isBelow(urn, top));
    return {
        mesh,
        resources,
        one,
        below,
        inCluster: (name) => below(one("multicluster:mesh:Cluster", name).urn),
    };
}

/** Every text in a value, with the path to it. */
export function texts(value: JsonValue | undefined, path = ""): { path: string; text: string }[] {
    if (typeof value === "string") return [{ path, text: value }];
    if (Array.isArray(value)) return value.flatMap((item, index) => texts(item, `${path}[${index}]`));
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([key, item]) => texts(item, path === "" ? key : `${path}.${key}`));
}
