import { show, type Problem } from "../problem.ts";
import type { Taint } from "../resolved.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

/** A kubelet gives its node the label kubernetes.io/hostname, whose value is the node's name. */
const LONGEST_VALUE = 63;
const LONGEST_PREFIX = 253;

/** What is said of a text that is no key of a label. */
export const LABEL_KEY = {
    rule: "must be a label key: an optional DNS prefix and a slash, then at most 63 letters, digits, '-', '_' and '.'",
    fix: 'write it as "topology.kubernetes.io/zone"',
} as const;

/** What is said of a text that is no value of a label. */
export const LABEL_VALUE = {
    rule: "must be a label value: at most 63 letters, digits, '-', '_' and '.'",
    fix: 'write it as "rack-1"',
} as const;

/** Whether a text is the key of a label: a name, or a DNS subdomain, a slash and a name. */
export function isLabelKey(key: string): boolean {
    const [name = "", prefix, ...more] = key.split("/").reverse();
    return (
        more.length === 0 &&
        NAME.test(name) &&
        (prefix === undefined || (prefix.length <= LONGEST_PREFIX && SUBDOMAIN.test(prefix)))
    );
}

/** Whether a text is the value of a label; the empty one is. */
export function isLabelValue(value: string): boolean {
    return value === "" || NAME.test(value);
}

/** Whether a node can have this name: a DNS subdomain that is a label's value too. */
export function isNodeName(name: string): boolean {
    return name.length <= LONGEST_VALUE && SUBDOMAIN.test(name);
}

// A kubelet that is told another label of these domains does not start (--node-labels).
const KUBERNETES_DOMAIN = /^([^/]+\.)?(kubernetes|k8s)\.io\//;
const ALLOWED_DOMAIN = /^([^/]+\.)?(kubelet|node)\.kubernetes\.io\//;
const ALLOWED = [
    "kubernetes.io/hostname",
    "kubernetes.io/os",
    "kubernetes.io/arch",
    "topology.kubernetes.io/region",
    "topology.kubernetes.io/zone",
    "beta.kubernetes.io/os",
    "beta.kubernetes.io/arch",
    "beta.kubernetes.io/instance-type",
    "failure-domain.beta.kubernetes.io/region",
    "failure-domain.beta.kubernetes.io/zone",
];

function kubeletRefuses(key: string): boolean {
    return KUBERNETES_DOMAIN.test(key) && !ALLOWED_DOMAIN.test(key) && !ALLOWED.includes(key);
}

/** What is wrong with the labels that a node is to register with. `path` is where they stand. */
export function nodeLabelProblems(labels: Readonly<Record<string, string>>, path: string): Problem[] {
    return Object.entries(labels).flatMap(([key, value]) => {
        if (!isLabelKey(key)) return [notAKey(path, key)];
        return [
            ...(isLabelValue(value) ? [] : [notAValue(path, value)]),
            ...(kubeletRefuses(key)
                ? [
                      {
                          path,
                          value: show(key),
                          rule: "is a label that a node may not give itself: its kubelet would not start",
                          fix: "use a domain of your own, or node.kubernetes.io/, or set it with kubectl",
                      },
                  ]
                : []),
        ];
    });
}

/** What is wrong with the taints that a node is to register with. `path` is where they stand. */
export function nodeTaintProblems(taints: readonly Taint[], path: string): Problem[] {
    const known = new Set<string>();
    return taints.flatMap(({ key, value = "", effect }) => {
        if (!isLabelKey(key)) return [notAKey(path, key)];
        const taint = `${key}:${effect}`;
        const twice = known.has(taint);
        known.add(taint);
        return [
            ...(isLabelValue(value) ? [] : [notAValue(path, value)]),
            ...(twice
                ? [
                      {
                          path,
                          value: show(taint),
                          rule: "is there twice, and a kubelet takes one key and effect only once: it would not start",
                          fix: "leave one of them out",
                      },
                  ]
                : []),
        ];
    });
}

function notAKey(path: string, key: string): Problem {
    return { path, value: show(key), ...LABEL_KEY };
}

function notAValue(path: string, value: string): Problem {
    return { path, value: show(value), ...LABEL_VALUE };
}
