import { z } from "zod";

const METADATA = z.object({
    uid: z.string(),
    name: z.string(),
    namespace: z.string(),
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
});

/** What is read of a Service. */
export const SERVICE = z.object({
    metadata: METADATA,
    spec: z.object({
        type: z.string().default("ClusterIP"),
        loadBalancerClass: z.string().optional(),
        ports: z.array(z.object({ name: z.string().default(""), port: z.number() })).default([]),
    }),
    status: z
        .object({
            loadBalancer: z
                .object({ ingress: z.array(z.object({ ip: z.string().default("") })).default([]) })
                .default({ ingress: [] }),
        })
        .default({ loadBalancer: { ingress: [] } }),
});

/** What is read of an EndpointSlice. */
export const ENDPOINT_SLICE = z.object({
    metadata: METADATA,
    endpoints: z
        .array(
            z.object({
                conditions: z.object({ ready: z.boolean().nullish() }).default({}),
                targetRef: z.object({ kind: z.string(), name: z.string(), uid: z.string() }).optional(),
            }),
        )
        .nullish(),
    ports: z.array(z.object({ name: z.string().nullish(), port: z.number().nullish() })).nullish(),
});

export type ServiceObject = z.infer<typeof SERVICE>;
export type EndpointSliceObject = z.infer<typeof ENDPOINT_SLICE>;

/** The addresses that a load balancer has given a Service. */
export function balancedAddresses({ spec, status }: ServiceObject): string[] {
    if (spec.type !== "LoadBalancer") return [];
    return status.loadBalancer.ingress.map(({ ip }) => ip).filter((ip) => ip !== "");
}

/** The slices of a Service. */
export function slicesOf(
    { metadata }: ServiceObject,
    slices: readonly EndpointSliceObject[],
): EndpointSliceObject[] {
    return slices.filter(
        (slice) =>
            slice.metadata.namespace === metadata.namespace &&
            slice.metadata.labels["kubernetes.io/service-name"] === metadata.name,
    );
}

/** The one pod that answers at a Service's addresses: the first by name of those that are ready. */
export function holderOf(slices: readonly EndpointSliceObject[]): string | undefined {
    const ready = slices
        .flatMap(({ endpoints }) => endpoints ?? [])
        .filter(({ conditions }) => conditions.ready !== false)
        .flatMap(({ targetRef }) => targetRef ?? [])
        .filter(({ kind }) => kind === "Pod")
        .sort((a, b) => (a.name < b.name ? -1 : 1));
    return ready[0]?.uid;
}

/** The ports of a Service that its pods do not have under the same number, and so are not reached in the lab. */
export function shiftedPorts({ spec }: ServiceObject, slices: readonly EndpointSliceObject[]): number[] {
    const ports = slices.flatMap((slice) => slice.ports ?? []);
    return spec.ports
        .filter(({ name, port }) =>
            ports.some((target) => (target.name ?? "") === name && target.port !== port),
        )
        .map(({ port }) => port);
}
