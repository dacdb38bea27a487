import type { RecordedResource } from "./record.ts";

/**
 * Resources in an order in which they can be made that depends on nothing but what they are. The order of registration is
 * such an order too, but which of two independent resources comes first there is a matter of timing.
 */
export function inOrder(resources: readonly RecordedResource[]): RecordedResource[] {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const ordered = new Set<RecordedResource>();
    const visit = (resource: RecordedResource) => {
        if (ordered.has(resource)) return;
        for (const urn of needs(resource)) {
            const needed = byUrn.get(urn);
            if (needed !== undefined) visit(needed);
        }
        ordered.add(resource);
    };
    resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)).forEach(visit);
    return [...ordered];
}

function needs({ parent, provider, dependsOn }: RecordedResource): string[] {
    return [...[parent, provider].filter((urn) => urn !== undefined), ...dependsOn];
}
