import { parseAddress } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import { flagOf } from "./rke2-types.ts";

/*
 * The values of RKE2's config.yaml, where a wrong one keeps a host from starting or contradicts what this program sets.
 * https://docs.rke2.io/reference/server_config
 */

/** A value as RKE2 reads one that may be several: a list, or a text with commas. */
export function listOf(value: JsonValue | undefined): string[] {
    return (Array.isArray(value) ? value : value === undefined ? [] : [value]).flatMap((item) =>
        textOf(item)
            .split(",")
            .map((part) => part.trim()),
    );
}

function textOf(value: JsonValue | undefined): string {
    return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** A range of ports, written `30000-32767`. */
export function portRange(value: JsonValue | undefined): { first: number; last: number } | undefined {
    const [, from, to] = /^(\d{1,5})-(\d{1,5})$/.exec(textOf(value)) ?? [];
    const [first, last] = [Number(from), Number(to)];
    return first >= 1 && first <= last && last <= 65535 ? { first, last } : undefined;
}

/** Arguments of Kubernetes' own processes that a user cannot give through a key such as `kubelet-arg`. */
const OWNED = new Map<string, { readonly rule: string; readonly fix: string }>([
    ...[
        ["cluster-cidr", "set podCidr"],
        ["service-cluster-ip-range", "set serviceCidr"],
        ["cluster-domain", "set clusterDomain"],
        ["cluster-dns", "set rke2.config.cluster-dns"],
        ["service-node-port-range", "set rke2.config.service-node-port-range"],
        ["node-ip", "set the node's address"],
        ["advertise-address", "leave it out: it is the node's address"],
        ["hostname-override", "rename the node: its name is its key"],
        ["node-labels", "set the node's labels"],
        ["register-with-taints", "set the node's taints"],
    ].map(([name = "", fix = ""]) => [name, { rule: "sets what this program sets", fix }] as const),
    ...["node-cidr-mask-size", "node-cidr-mask-size-ipv4", "node-cidr-mask-size-ipv6"].map(
        (name) =>
            [
                name,
                {
                    rule: "changes how many addresses a node gets: this program counts a /24 and a /64 for each",
                    fix: "leave it out, and make podCidr large enough",
                },
            ] as const,
    ),
]);

/** Keys that know only some words. */
const WORDS = new Map<
    string,
    { readonly known: readonly string[]; readonly rule: string; readonly fix: string }
>([
    [
        "profile",
        {
            // A cluster leaves the profile of all clusters with an empty one.
            known: ["cis", "etcd", ""],
            rule: 'must be "cis" or "etcd": RKE2 stops at any other one',
            fix: 'write "cis", or leave it out',
        },
    ],
    [
        "secrets-encryption-provider",
        {
            known: ["aescbc", "secretbox"],
            rule: "must be aescbc or secretbox",
            fix: 'write "secretbox", or leave it out for aescbc',
        },
    ],
    [
        "egress-selector-mode",
        {
            known: ["agent", "cluster", "pod", "disabled"],
            rule: "must be agent, cluster, pod or disabled: RKE2 stops at any other one",
            fix: 'write "cluster", or leave it out for agent',
        },
    ],
    [
        "etcd-s3-bucket-lookup-type",
        {
            known: ["auto", "dns", "path", ""],
            rule: "must be auto, dns or path",
            fix: 'write "path", or leave it out for auto',
        },
    ],
]);

/** What is wrong with the value of a key that RKE2 knows, when its type is right. `path` is where the key stands. */
export function rke2ValueProblems(key: string, value: JsonValue, path: string): Problem[] {
    if (key.endsWith("-arg")) return argumentProblems(value, path);
    const problem = (rule: string, fix: string) => [{ path, value: show(value), rule, fix }];
    const words = WORDS.get(key);
    if (words !== undefined) {
        return words.known.includes(textOf(value).trim()) ? [] : problem(words.rule, words.fix);
    }
    switch (key) {
        case "ingress-controller":
            return ingressProblems(value, path);
        case "service-node-port-range":
            return portRange(value) !== undefined
                ? []
                : problem("must be a range of ports", 'write it as "30000-32767"');
        case "secrets-encryption":
            return flagOf(value) === true
                ? []
                : problem("is always on in RKE2, whatever stands here", "leave it out");
        case "audit-policy-file":
        case "pod-security-admission-config-file":
            return /^(\/|$)/.test(textOf(value).trim())
                ? []
                : problem(
                      "must be an absolute path on the host",
                      `write it as "/etc/rancher/rke2/${key === "audit-policy-file" ? "audit-policy" : "psa"}.yaml"`,
                  );
        case "advertise-address":
        case "node-external-ip":
            return listOf(value)
                .filter((address) => parseAddress(address) === undefined)
                .map((address) => ({
                    path,
                    value: show(address),
                    rule: "must be one IPv4 or IPv6 address",
                    fix: 'write it as "203.0.113.11" or "2001:db8::11"',
                }));
        default:
            return [];
    }
}

function ingressProblems(value: JsonValue, path: string): Problem[] {
    if (!listOf(value).every((name) => ["none", "traefik", "ingress-nginx"].includes(name))) {
        return [
            {
                path,
                value: show(value),
                rule: "must be none, traefik or ingress-nginx",
                fix: 'write "traefik", or leave it out for none',
            },
        ];
    }
    return (Array.isArray(value) ? value : [value]).some((item) => /,\s|\s,/.test(textOf(item)))
        ? [
              {
                  path,
                  value: show(value),
                  rule: "must have no space at its commas: RKE2 takes it for a part of the name",
                  fix: 'write it as a list, as ["traefik", "ingress-nginx"]',
              },
          ]
        : [];
}

function argumentProblems(value: JsonValue, path: string): Problem[] {
    return (Array.isArray(value) ? value : [value]).flatMap((argument) => {
        const name = /^-{0,2}([^=]*?)[-+]?(=|$)/.exec(textOf(argument))?.[1] ?? "";
        const owned = OWNED.get(name);
        return owned === undefined ? [] : [{ path, value: show(name), ...owned }];
    });
}
