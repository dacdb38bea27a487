import { show, type Problem } from "../problem.ts";
import type { Cilium, Cluster } from "../resolved.ts";
import { exitProblems } from "../support/cilium-exits.ts";
import { valueAt } from "../value-at.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** What would make the chart fail or the agents exit, in this version. */
export const optionsGoTogether: Rule = forEachCluster(({ id, podCidrs, cilium }, at) =>
    exitProblems({ ...cilium, clusterId: id, podCidrs }, `${at}.cilium.`),
);

/** Options that would do nothing as they are described. */
export const optionsAreUsed: Rule = forEachCluster(({ cilium }, at) => {
    const { serviceLoadBalancing: balancing = {}, bandwidthManager, encryption } = cilium;
    const said = (key: string, value: unknown, used: boolean, rule: string, fix: string): Problem[] =>
        value === undefined || used ? [] : [{ path: `${at}.cilium.${key}`, value: show(value), rule, fix }];
    return [
        ...said(
            "serviceLoadBalancing.dispatch",
            balancing.dispatch,
            ["dsr", "hybrid"].includes(balancing.mode ?? "") || bpfOn(cilium, "lbModeAnnotation"),
            "would not be used: nodes answer for pods on others themselves",
            'set mode to "dsr" or "hybrid", or leave it out',
        ),
        ...said(
            "serviceLoadBalancing.maglevTableSize",
            balancing.maglevTableSize,
            balancing.algorithm === "maglev" || bpfOn(cilium, "lbAlgorithmAnnotation"),
            "would not be used: backends are chosen at random",
            'set algorithm to "maglev", or leave it out',
        ),
        ...said(
            "bandwidthManager",
            bandwidthManager,
            encryption.type !== "ipsec",
            "would not be used: with IPsec the agents turn it off",
            "use WireGuard, or leave it out",
        ),
    ];
});

function bpfOn({ values }: Cilium, key: string): boolean {
    return valueAt(values, "bpf", key) === true;
}

/** A key that is brought has its number in itself. */
export const ipsecKeyHasOneOrigin: Rule = forEachCluster(({ cilium: { encryption } }, at) =>
    encryption.type === "ipsec" && encryption.key !== undefined && encryption.keyGeneration !== undefined
        ? [
              {
                  path: `${at}.cilium.encryption.keyGeneration`,
                  value: show(encryption.keyGeneration),
                  rule: "counts the keys that this program makes, but key names one of your own",
                  fix: "leave one of them out; your own key is changed in the configuration, with the next ID",
              },
          ]
        : [],
);

/** A client of a global Service may be sent on to a pod of any member, which must understand how it came. */
export const oneServiceLoadBalancing: Rule = ({ clusters: [first, ...rest] }) =>
    rest
        .filter((cluster) => first !== undefined && balancingText(cluster) !== balancingText(first))
        .map((cluster) => ({
            path: `clusters.${cluster.name}.cilium.serviceLoadBalancing`,
            value: balancingText(cluster),
            rule: `differs from clusters.${first?.name ?? ""} (${first === undefined ? "" : balancingText(first)}): a global Service is then not answered, or not balanced, alike from both`,
            fix: "set cilium.serviceLoadBalancing once, for the mesh, and leave it out here",
        }));

/** What members must have in common; acceleration is each node's own. */
function balancingText({ cilium: { serviceLoadBalancing = {} } }: Cluster): string {
    const {
        mode = "snat",
        dispatch = "opt",
        algorithm = "random",
        maglevTableSize = 16381,
    } = serviceLoadBalancing;
    return [
        mode === "snat" ? mode : `${mode} by ${dispatch}`,
        algorithm === "random" ? algorithm : `${algorithm} of ${maglevTableSize}`,
    ].join(", ");
}

/** The network driver sends a request on before anything encrypts it. The agents say so too, where nobody reads it. */
export const accelerationIsInTheOpen: Rule = forEachCluster(({ cilium }, at) => {
    const { encryption, serviceLoadBalancing: { acceleration = "disabled" } = {} } = cilium;
    return encryption.type === "wireguard" &&
        encryption.nodeEncryption === true &&
        acceleration !== "disabled"
        ? [
              {
                  path: `${at}.cilium.serviceLoadBalancing.acceleration`,
                  value: show(acceleration),
                  rule: "sends requests from outside on to pods of other nodes in the open, although nodeEncryption encrypts between nodes",
                  fix: "leave it out where these must be encrypted too",
              },
          ]
        : [];
});

/** Without the watcher the next key is read when agents restart, each at its own time. */
export const ipsecKeyIsWatched: Rule = forEachCluster(({ cilium: { encryption, values } }, at) => {
    const given = valueAt(values, "encryption", "ipsec", "keyWatcher");
    return encryption.type === "ipsec" && given === false
        ? [
              {
                  path: `${at}.cilium.values.encryption.ipsec.keyWatcher`,
                  value: show(false),
                  rule: "lets agents read another key only when they restart: nodes that have the next one and nodes that do not, lose each other's packets",
                  fix: "leave it out",
              },
          ]
        : [];
});

/** Kinds that the chart makes objects of, and that only Prometheus' operator brings. */
export const serviceMonitorsNeedTheirKind: Rule = forEachCluster(({ cilium: { values, hubble } }, at) => {
    const on = (...keys: string[]) => valueAt(values, ...keys);
    if (on("prometheus", "serviceMonitor", "trustCRDsExist") === true) return [];
    // Agents and the relay must be told to have metrics; the others have them.
    const parts: [string[], boolean][] = [
        [[], on("prometheus", "enabled") === true],
        [["operator"], on("operator", "prometheus", "enabled") !== false],
        [["envoy"], on("envoy", "prometheus", "enabled") !== false],
        [["hubble", "relay"], hubble.relay && on("hubble", "relay", "prometheus", "enabled") === true],
    ];
    return parts
        .filter(
            ([part, metrics]) => metrics && on(...part, "prometheus", "serviceMonitor", "enabled") === true,
        )
        .map(([part]) => ({
            path: `${at}.cilium.values.${[...part, "prometheus", "serviceMonitor", "enabled"].join(".")}`,
            value: show(true),
            rule: "makes the chart fail in a cluster that does not have the kind ServiceMonitor, as a new one does not",
            fix: "turn it on once Prometheus' operator is there, with prometheus.serviceMonitor.trustCRDsExist true",
        }));
});
