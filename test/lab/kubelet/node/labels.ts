/* Which labels a kubelet may give its own node: the real one refuses others before it starts. */

const ALLOWED = [
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "topology.kubernetes.io/zone",
    "topology.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region",
    "beta.kubernetes.io/instance-type",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "node.kubernetes.io/instance-type",
    "node.kubernetes.io/windows-build",
];
const ALLOWED_NAMESPACES = ["kubelet.kubernetes.io", "node.kubernetes.io"];

/** The labels among these that Kubernetes keeps for itself. */
export function refusedLabels(labels: Readonly<Record<string, string>>): string[] {
    return Object.keys(labels).filter((label) => !isAllowed(label));
}

function isAllowed(label: string): boolean {
    if (!label.includes("/")) return true;
    const namespace = label.slice(0, label.indexOf("/"));
    if (!isWithin(namespace, "kubernetes.io") && !isWithin(namespace, "k8s.io")) return true;
    return ALLOWED.includes(label) || ALLOWED_NAMESPACES.some((allowed) => isWithin(namespace, allowed));
}

function isWithin(namespace: string, parent: string): boolean {
    return namespace === parent || namespace.endsWith(`.${parent}`);
}
