import {
    contains,
    formatAddress,
    overlaps,
    parseAddress,
    parseCidr,
    parseRange,
    type Range,
} from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Cluster, LoadBalancer } from "../resolved.ts";
import { lbIpamPoolProblems, metalLbPoolProblems } from "../support/pools.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** Pools lie where their announcement can reach them, and hold no address that a host has. */
export const poolsInPlace: Rule = forEachCluster((cluster, at) =>
    cluster.loadBalancers.flatMap((loadBalancer) =>
        loadBalancer.pools.flatMap(({ name, addresses }) =>
            addresses.flatMap((text) => {
                const range = parseRange(text);
                const path = `${at}.${loadBalancer.at}.pools.${name}`;
                return range === undefined
                    ? []
                    : [
                          ...placeProblems(range, path, cluster, loadBalancer),
                          ...hostProblems(range, path, cluster),
                      ];
            }),
        ),
    ),
);

/** What the provider of a pool cannot do. */
export const poolsFitProvider: Rule = forEachCluster((cluster, at) =>
    cluster.loadBalancers.flatMap(({ at: place, provider, pools }) =>
        (provider === "metallb" ? metalLbPoolProblems : lbIpamPoolProblems)(pools, `${at}.${place}.pools`),
    ),
);

/** What is reserved is part of the pool, and leaves something. */
export const reservedLeavesAddresses: Rule = forEachCluster((cluster, at) =>
    cluster.loadBalancers.flatMap(({ at: place, pools }) =>
        pools.flatMap(({ name, addresses, reserved }) => {
            const path = `${at}.${place}.pools.${name}.reserved`;
            if (reserved === undefined) return [];
            const whole = reserved.of.flatMap((text) => parseRange(text) ?? []);
            return [
                ...reserved.addresses.flatMap((text, index) => {
                    const range = parseRange(text);
                    return range === undefined || whole.some((other) => overlaps(other, range))
                        ? []
                        : [
                              {
                                  path: `${path}[${index}]`,
                                  value: show(text),
                                  rule: `is no address of the pool (${reserved.of.join(", ")}): nothing is reserved by it`,
                                  fix: "correct it, or leave it out",
                              },
                          ];
                }),
                ...(addresses.length > 0
                    ? []
                    : [
                          {
                              path,
                              value: show(reserved.addresses),
                              rule: `is all of the pool (${reserved.of.join(", ")}): no Service would get an address`,
                              fix: "reserve less, or give the pool more addresses",
                          },
                      ]),
            ];
        }),
    ),
);

/** A pool of a family that the cluster does not speak has addresses for no Service. */
export const poolFamilies: Rule = forEachCluster((cluster, at) => {
    const spoken = cluster.podCidrs.map((text) => parseRange(text)?.family);
    return cluster.loadBalancers.flatMap(({ at: place, pools }) =>
        pools.flatMap(({ name, addresses }) =>
            addresses
                .map((text) => parseRange(text))
                .filter((range) => range !== undefined && !spoken.includes(range.family))
                .map((range) => ({
                    path: `${at}.${place}.pools.${name}`,
                    value: show(range?.text),
                    rule: `is ${range?.family ?? ""}, which the cluster's Services do not speak`,
                    fix: `write ${spoken.join(" or ")} addresses, or give the cluster ranges of that family`,
                })),
        ),
    );
});

function placeProblems(range: Range, path: string, cluster: Cluster, { announce }: LoadBalancer): Problem[] {
    const nodes = cluster.nodeCidrs.flatMap((text) => parseRange(text) ?? []);
    const network = cluster.nodeCidrs.join(" and ");
    const value = show(range.text);
    switch (announce.mode) {
        case "none":
            return [];
        case "l2":
            return nodes.some((node) => contains(node, range))
                ? []
                : [
                      {
                          path,
                          value,
                          rule: `lies outside the node network ${network}: L2 answers ARP there, and nobody asks there for an address of another network`,
                          fix: `choose addresses of ${network} that no host has and no DHCP server gives out, or announce by BGP`,
                      },
                  ];
        case "bgp":
            return nodes.some((node) => overlaps(node, range))
                ? [
                      {
                          path,
                          value,
                          rule: `lies in the node network ${network}: hosts there would ask for it by ARP, and BGP does not answer`,
                          fix: "choose addresses outside the node network, or announce by L2",
                      },
                  ]
                : [];
    }
}

function hostProblems(range: Range, path: string, cluster: Cluster): Problem[] {
    const hosts = [
        ...[...cluster.servers, ...cluster.agents].flatMap(({ name, addresses }) =>
            addresses.map((address) => ({ who: `the address of the node ${name}`, address })),
        ),
        ...cluster.nodeCidrs.flatMap(reservedAddresses),
        ...(cluster.api.fixed
            ? [{ who: "the address of the API (apiAddress)", address: cluster.api.address }]
            : []),
    ];
    return hosts.flatMap(({ who, address }) => {
        const host = parseAddress(address);
        return host !== undefined && contains(range, host)
            ? [
                  {
                      path,
                      value: show(range.text),
                      rule: `holds ${address}, ${who}: a Service could be given it`,
                      fix: "take that address out of the pool",
                  },
              ]
            : [];
    });
}

/** An IPv4 network's first and last address are nobody's: hosts would take them for the network itself, or for everyone. */
function reservedAddresses(text: string): { who: string; address: string }[] {
    const network = parseCidr(text);
    if (network?.prefix === undefined || network.family === "IPv6" || network.prefix > 30) return [];
    return [
        { who: `the number of the node network ${text}`, address: formatAddress(network.first, "IPv4") },
        {
            who: `the broadcast address of the node network ${text}`,
            address: formatAddress(network.last, "IPv4"),
        },
    ];
}
