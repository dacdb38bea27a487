import { formatPath } from "./describe.ts";
import type { Cluster, LoadBalancer, Node } from "./resolved.ts";

/** Where a cluster stands in the description. */
export function clusterPath({ name }: Pick<Cluster, "name">): string {
    return formatPath(["clusters", name]);
}

/** Where a node stands in the description. */
export function nodePath(cluster: Pick<Cluster, "name">, { role, name }: Node): string {
    return formatPath(["clusters", cluster.name, `${role}s`, name]);
}

/** Where the announcing of a load balancer stands in the description. */
export function announcePath(cluster: Pick<Cluster, "name">, { at }: Pick<LoadBalancer, "at">): string {
    return `${clusterPath(cluster)}.${at === "loadBalancer" ? "announce" : "nextLoadBalancer.announce"}`;
}
