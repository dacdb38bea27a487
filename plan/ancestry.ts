import type { RecordedResource } from "./record.ts";

/** The component that stands for one cluster; its logical name is the cluster's name. */
export const CLUSTER_TYPE = "multicluster:mesh:Cluster";
/** The component that stands for one machine. */
export const NODE_TYPE = "multicluster:rke2:Rke2Node";

/** Who belongs to whom among the resources of a program. */
export class Ancestry {
    readonly #byUrn: ReadonlyMap<string, RecordedResource>;

    constructor(resources: readonly RecordedResource[]) {
        this.#byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    }

    /** The nearest of a resource and those above it that has a type. */
    nearest(type: string, resource: RecordedResource): RecordedResource | undefined {
        for (let at: RecordedResource | undefined = resource; at !== undefined; at = this.#parent(at)) {
            if (at.type === type) return at;
        }
        return undefined;
    }

    /** The name of the cluster that a resource is part of. */
    cluster(resource: RecordedResource): string | undefined {
        return this.nearest(CLUSTER_TYPE, resource)?.name;
    }

    #parent({ parent }: RecordedResource): RecordedResource | undefined {
        return parent === undefined ? undefined : this.#byUrn.get(parent);
    }
}
