/*
 * Which chart values each minor version of Cilium knows, and which of them the mesh owns. The charts ignore a key they
 * do not know without a word, so a misspelt one, or one of another version, would do nothing at all.
 *
 * The data file is a tree of the keys of the charts 1.16.19, 1.17.18, 1.18.12, 1.19.6 and 1.20.2: those in values.yaml and
 * those that only a template reads. A leaf says which minors know it (`16-20`), and with `*` that anything may stand beneath
 * it: maps and lists that the chart hands on as they are. Keys that a chart knows only to refuse them are left out.
 */
import { nearest } from "../description/strict.ts";
import type { Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import { freeBeneath, ownedBeneath, ownedByItself, ownedInstead } from "./cilium-owned-values.ts";
import { refusedByChart, successorOf } from "./cilium-options.ts";
import data from "./cilium-values.json" with { type: "json" };
import { CILIUM_MINORS } from "./matrix.ts";
import { minorOf } from "./version.ts";

interface Tree {
    readonly [key: string]: string | Tree;
}

const TREE: Tree = data;

type JsonRecord = Readonly<Record<string, JsonValue>>;

/** What is wrong with chart values a user passes through: keys that the mesh owns, and keys that this version does not know. */
export function valuesProblems(values: JsonRecord, ciliumVersion: string, path: string): Problem[] {
    const minor = minorOf(ciliumVersion);
    const visit = (value: JsonValue, keys: readonly string[]): Problem[] => {
        const at = [path, ...keys].join(".");
        const instead = ownedInstead(keys);
        const inner = isRecord(value) ? Object.entries(value) : [];
        const apart = freeBeneath(keys) || inner.some(([key]) => ownedByItself([...keys, key]));
        if (instead !== undefined && !(inner.length > 0 && apart)) {
            return [{ path: at, rule: "is a chart value that the mesh owns", fix: instead }];
        }
        const beneath = isRecord(value) ? undefined : ownedBeneath(keys);
        if (beneath !== undefined) {
            return [
                {
                    path: at,
                    rule: `is a map that holds ${beneath}, which the mesh owns: it cannot be replaced as a whole`,
                    fix: "write the keys that are to change",
                },
            ];
        }
        // Versions outside those known are refused elsewhere.
        if (CILIUM_MINORS.includes(minor) && !isKnownValue(keys, minor)) {
            const gone = goneProblems(value, keys, ciliumVersion, at);
            return gone.length > 0 ? gone : [unknown(keys, ciliumVersion, at)];
        }
        return inner.flatMap(([key, item]) => visit(item, [...keys, key]));
    };
    return [
        ...Object.entries(values).flatMap(([key, value]) => visit(value, [key])),
        ...agentOptionProblems(values, path),
    ];
}

/** What the chart does not ignore, but fails for. */
function goneProblems(
    value: JsonValue,
    keys: readonly string[],
    ciliumVersion: string,
    path: string,
): Problem[] {
    const fix = refusedByChart(keys, ciliumVersion);
    if (fix !== undefined) {
        return [{ path, rule: `is gone: the chart of ${ciliumVersion} fails where it is set`, fix }];
    }
    return isRecord(value)
        ? Object.entries(value).flatMap(([key, item]) =>
              goneProblems(item, [...keys, key], ciliumVersion, `${path}.${key}`),
          )
        : [];
}

/** The agent's own words for what the mesh decides: `extraConfig` and `extraArgs` would have the last one. */
const AGENT_OPTIONS =
    /^(cluster-(name|id)|max-connected-clusters|clustermesh-config|routing-mode|tunnel-(protocol|port)|underlay-protocol|kube-proxy-replacement|ipam|cluster-pool-.*|enable-(ipv4|ipv6|bgp-control-plane|l2-announcements|wireguard|ipsec|encryption-strict-mode.*|bpf-masquerade|ipv4-masquerade|ipv6-masquerade|endpoint-routes|egress-gateway|ipv4-egress-gateway|hubble)|identity-allocation-mode|ipv[46]-native-routing-cidr|auto-direct-node-routes|bpf-lb-(mode|algorithm|acceleration|dsr-dispatch|maglev-table-size)|devices|enable-(bandwidth-manager|bbr|nat46x64-gateway)|policy-default-local-cluster|config-dir|k8s-(api-server.*|kubeconfig-path))$/;

function agentOptionProblems({ extraConfig, extraArgs }: JsonRecord, path: string): Problem[] {
    const problem = (at: string, option: string): Problem => ({
        path: `${path}.${at}`,
        rule: `sets ${option}, which the mesh owns`,
        fix: "take it out, and write the option of the description instead",
    });
    return [
        ...(isRecord(extraConfig ?? null)
            ? Object.keys(extraConfig ?? {})
                  .filter((option) => AGENT_OPTIONS.test(option))
                  .map((option) => problem(`extraConfig.${option}`, option))
            : []),
        ...(Array.isArray(extraArgs) ? extraArgs : []).flatMap((argument, index) => {
            const option = /^--?([a-z0-9-]+)/.exec(typeof argument === "string" ? argument : "")?.[1] ?? "";
            return AGENT_OPTIONS.test(option) ? [problem(`extraArgs[${index}]`, option)] : [];
        }),
    ];
}

/** Whether the chart of a minor version reads the value at a path. */
export function isKnownValue(keys: readonly string[], minor: number): boolean {
    let node: string | Tree = TREE;
    for (const key of keys) {
        if (typeof node === "string") return isOpen(node) && minorsOf(node).includes(minor);
        const own = node[""];
        if (typeof own === "string" && isOpen(own) && minorsOf(own).includes(minor)) return true;
        const child: string | Tree | undefined =
            key !== "" && Object.hasOwn(node, key) ? node[key] : undefined;
        if (child === undefined) return false;
        node = child;
    }
    return knows(node, minor);
}

function knows(node: string | Tree, minor: number): boolean {
    return typeof node === "string"
        ? minorsOf(node).includes(minor)
        : Object.values(node).some((child) => knows(child, minor));
}

function isOpen(range: string): boolean {
    return range.endsWith("*");
}

function minorsOf(range: string): number[] {
    const [from = Number.NaN, to = from] = range.replace("*", "").split("-").map(Number);
    return CILIUM_MINORS.filter((minor) => from <= minor && minor <= to);
}

function unknown(keys: readonly string[], ciliumVersion: string, path: string): Problem {
    const minor = minorOf(ciliumVersion);
    const known = CILIUM_MINORS.filter((other) => isKnownValue(keys, other));
    const [first, last] = [known.at(0), known.at(-1)];
    if (first === undefined || last === undefined) {
        const meant = nearest(keys.at(-1) ?? "", siblings(keys, minor));
        return {
            path,
            rule: `is no chart value of Cilium 1.${minor}, which would ignore it without a word`,
            fix: meant === undefined ? "take it out" : `take it out; did you mean ${meant}?`,
        };
    }
    const which = first === last ? `1.${first} alone has` : `1.${first} to 1.${last} have`;
    return {
        path,
        rule: `is no chart value of Cilium 1.${minor}, which would ignore it without a word; ${which} it`,
        fix:
            minor < first
                ? `take it out, or use Cilium 1.${first} or later`
                : (successorOf(keys, ciliumVersion) ?? "take it out, or write what replaced it"),
    };
}

/** The keys that a minor version knows where an unknown one stands. */
function siblings(keys: readonly string[], minor: number): string[] {
    let node: string | Tree | undefined = TREE;
    for (const key of keys.slice(0, -1)) node = typeof node === "object" ? node[key] : undefined;
    return typeof node === "object"
        ? Object.entries(node).flatMap(([key, child]) => (key !== "" && knows(child, minor) ? [key] : []))
        : [];
}

function isRecord(value: JsonValue): value is Record<string, JsonValue> {
    return typeof value === "object" && value !== null && !Array.isArray(value);
}
