import { z } from "zod";

import { formatAddress, parseAddress } from "../../../model/net/range.ts";

const LABELS = z.record(z.string(), z.string()).default({});
const KIND = z.object({ kind: z.string() });

/** Objects of a cluster, of whatever kinds, as `kubectl get --output json` gives them. */
export class Objects {
    readonly #items: readonly unknown[];

    constructor(items: readonly unknown[]) {
        this.#items = items;
    }

    /** All of one kind. */
    all<T>(kind: string, schema: z.ZodType<T>): T[] {
        return this.#items
            .filter((item) => KIND.parse(item).kind === kind)
            .map((item) => {
                const { success, data, error } = schema.safeParse(item);
                if (success) return data;
                throw new Error(`a ${kind} is not as it is read here: ${z.prettifyError(error)}`);
            });
    }

    /** One that another object names. */
    named<
        T extends { readonly metadata: { readonly name: string; readonly namespace?: string | undefined } },
    >(
        kind: string,
        schema: z.ZodType<T>,
        { name, namespace, by }: { readonly name: string; readonly namespace?: string; readonly by: string },
    ): T {
        const found = this.all(kind, schema).find(
            ({ metadata }) =>
                metadata.name === name && (namespace === undefined || metadata.namespace === namespace),
        );
        if (found !== undefined) return found;
        throw new Error(
            `there is no ${kind} ${namespace === undefined ? "" : `${namespace}/`}${name}, which ${by} names`,
        );
    }
}

/** What an object is called, and what it is found by. */
export const METADATA = z.object({ name: z.string(), namespace: z.string().optional(), labels: LABELS });

const NODE = z.object({
    metadata: METADATA,
    status: z.object({ addresses: z.array(z.object({ type: z.string(), address: z.string() })) }),
});

/** A node, and its IPv4 address. */
export function nodeNamed(name: string, objects: Objects) {
    const { metadata, status } = objects.named("Node", NODE, { name, by: "the test" });
    const address = status.addresses.find(
        (one) => one.type === "InternalIP" && parseAddress(one.address)?.family === "IPv4",
    )?.address;
    if (address === undefined) throw new Error(`the node ${name} has no IPv4 address`);
    return { name, address, labels: metadata.labels };
}

const SERVICE = z.object({
    metadata: METADATA,
    spec: z.object({
        // Which nodes have a pod of a Service is not looked at here.
        externalTrafficPolicy: z.literal("Cluster").optional(),
        externalIPs: z.array(z.string()).default([]),
    }),
    status: z
        .object({
            loadBalancer: z
                .object({ ingress: z.array(z.object({ ip: z.string() })).default([]) })
                .default({ ingress: [] }),
        })
        .default({ loadBalancer: { ingress: [] } }),
});

/** The Services, with the addresses that their load balancers have given them. */
export function servicesOf(objects: Objects) {
    return objects.all("Service", SERVICE).map(({ metadata, spec, status }) => ({
        name: metadata.name,
        namespace: metadata.namespace ?? "default",
        labels: metadata.labels,
        loadBalancerIPs: status.loadBalancer.ingress.map(({ ip }) => ip),
        externalIPs: spec.externalIPs,
    }));
}

const SECRET = z.object({
    metadata: METADATA,
    type: z.string().optional(),
    data: z.record(z.string(), z.string()).default({}),
});

/** The password in a Secret of this type. */
export function passwordIn(
    objects: Objects,
    {
        name,
        namespace,
        by,
        type,
    }: { readonly name: string; readonly namespace: string; readonly by: string; readonly type?: string },
): string {
    const secret = objects.named("Secret", SECRET, { name, namespace, by });
    const { password } = secret.data;
    if (password === undefined) throw new Error(`the Secret ${namespace}/${name} has no key password`);
    if (type !== undefined && secret.type !== type) {
        throw new Error(
            `the Secret ${namespace}/${name} is of the type ${secret.type ?? "Opaque"}, not ${type}`,
        );
    }
    return Buffer.from(password, "base64").toString("utf8");
}

/** The network of this length that an address is in. */
export function networkOf(
    address: string,
    lengths: { readonly ipv4: number; readonly ipv6: number },
): string {
    const parsed = parseAddress(address);
    if (parsed === undefined) throw new Error(`${address} is no address`);
    const isIPv4 = parsed.family === "IPv4";
    const length = isIPv4 ? lengths.ipv4 : lengths.ipv6;
    const size = 1n << BigInt((isIPv4 ? 32 : 128) - length);
    return `${formatAddress(parsed.first - (parsed.first % size), parsed.family)}/${length}`;
}
