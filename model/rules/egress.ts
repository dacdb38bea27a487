/*
 * Fixed addresses for what leaves. Cilium ignores a policy that it cannot carry out, or drops what the policy selects, and
 * says so in an agent's log only: https://docs.cilium.io/en/stable/network/egress-gateway/egress-gateway/
 */
import { formatPath } from "../describe.ts";
import { contains, formatAddress, overlaps, parseAddress, parseCidr, type Range } from "../net/range.ts";
import { clusterPath } from "../paths.ts";
import { show, type Problem } from "../problem.ts";
import type { Cluster, Egress, EgressOwner, LabelSelector, Node } from "../resolved.ts";
import { toldTo } from "../support/bgp-advertisements.ts";
import { instancesOf } from "../support/bgp-instances.ts";
import { egressProblems } from "../support/egress.ts";
import { speakers } from "./announcing.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

/** A rule about the egress addresses of each cluster that has some. */
function forEachEgress(rule: (egress: Egress, path: string, cluster: Cluster) => readonly Problem[]): Rule {
    return forEachCluster((cluster, at) =>
        cluster.egress === undefined ? [] : rule(cluster.egress, `${at}.egress`, cluster),
    );
}

/** One address of an owner, with where it stands. */
interface EgressAddress {
    readonly path: string;
    readonly node: string;
    readonly address: string;
    /** What the address is as a number; an address that is none has been refused already. */
    readonly range: Range | undefined;
}

function addressesOf({ owners }: Egress, path: string): EgressAddress[] {
    return owners.flatMap(({ name, gateways }) =>
        gateways.map(({ node, address }) => ({
            path: `${path}.owners.${name}.${formatPath(["gateways", node])}`,
            node,
            address,
            range: parseAddress(address),
        })),
    );
}

/** Policies do nothing while the gateway is off. */
export const egressIsOn: Rule = forEachEgress((_, path, { cilium, ...cluster }) =>
    cilium.egressGateway
        ? []
        : [
              {
                  path: `${clusterPath(cluster)}.cilium.egressGateway`,
                  value: show(false),
                  rule: `is off, and ${path} describes addresses: pods would leave under their node's`,
                  fix: "leave it out, or leave egress out",
              },
          ],
);

/** What the cluster's Cilium can do. */
export const egressFitsVersion: Rule = forEachEgress((egress, path, { cilium }) =>
    egressProblems(egress, cilium.version, path),
);

/** An agent looks for gateways among the nodes of its own cluster. */
export const egressGatewaysExist: Rule = forEachEgress((egress, path, cluster) => {
    const nodes = nodesOf(cluster);
    return addressesOf(egress, path).flatMap(({ path: at, node: name }) => {
        const node = nodes.find((candidate) => candidate.name === name);
        if (node !== undefined && !node.lost) return [];
        return [
            {
                path: at,
                rule:
                    node === undefined
                        ? "is not a node of the cluster: what leaves through it would be dropped"
                        : "is a node that is lost: what leaves through it would be dropped",
                fix: `the nodes are ${nodes
                    .filter(({ lost }) => !lost)
                    .map((candidate) => candidate.name)
                    .join(", ")}`,
            },
        ];
    });
});

/** Whoever sees an address outside takes it for one owner, and it is on one node. */
export const egressAddressOnce: Rule = ({ clusters }) => {
    const addresses = clusters.flatMap((cluster) =>
        cluster.egress === undefined ? [] : addressesOf(cluster.egress, `${clusterPath(cluster)}.egress`),
    );
    return repeated(addresses, ({ range, address }) => String(range?.first ?? address)).map(
        ({ item, first }) => ({
            path: item.path,
            value: show(item.address),
            rule: `is also ${first.path}: an egress address has one owner, and is on one node`,
            fix: "give each its own address",
        }),
    );
};

/** Addresses come from the subnet, and are neither its own nor someone else's. */
export const egressInSubnet: Rule = forEachEgress((egress, path, cluster) => {
    const subnet = parseCidr(egress.subnet);
    if (subnet === undefined) return [];
    const taken = [
        ...numbersOf(subnet),
        ...egress.reserved.map((address) => ({ who: `reserved in ${path}`, address })),
        ...nodesOf(cluster).flatMap(({ name, addresses }) =>
            addresses.map((address) => ({ who: `the address of the node ${name}`, address })),
        ),
        ...(cluster.api.fixed ? [{ who: "the address of the API", address: cluster.api.address }] : []),
    ];
    return addressesOf(egress, path).flatMap(({ path: at, address, range }) => {
        if (range === undefined) return [];
        if (!contains(subnet, range)) {
            return [
                {
                    path: at,
                    value: show(address),
                    rule: `lies outside the subnet ${egress.subnet}: nobody outside would know whose it is`,
                    fix: "choose an address of the subnet, or widen the subnet",
                },
            ];
        }
        const other = taken.find((one) => parseAddress(one.address)?.first === range.first);
        return other === undefined
            ? []
            : [
                  {
                      path: at,
                      value: show(address),
                      rule: `is ${other.who}`,
                      fix: "choose another address of the subnet",
                  },
              ];
    });
});

/** A network's first and last address are nobody's; one of two or fewer addresses has none to spare. */
function numbersOf({ text, first, last, prefix = 32 }: Range): { who: string; address: string }[] {
    if (prefix > 30) return [];
    return [
        { who: `the number of the subnet ${text}`, address: formatAddress(first, "IPv4") },
        { who: `the broadcast address of the subnet ${text}`, address: formatAddress(last, "IPv4") },
    ];
}

/** Agents keep one gateway for a pod and a network: of two policies that mean both, one wins, and which one is luck. */
export const egressOwnersApart: Rule = forEachEgress(({ owners }, path) =>
    owners.flatMap((owner, index) => {
        const [first] = owners
            .slice(0, index)
            .flatMap((other) => sharedBy(owner, other).map((shared) => ({ other, shared })));
        return first === undefined
            ? []
            : [
                  {
                      path: `${path}.owners.${owner.name}`,
                      value: show(first.shared.destination),
                      rule: `is where pods of ${first.shared.pods} shall leave for as ${owner.name} and as ${first.other.name}: which of them wins is luck`,
                      fix: "give each its own namespaces, pods (podSelector) or destinations; of two networks the smaller wins",
                  },
              ];
    }),
);

/** Which pods two owners both mean for the same network, as far as can be told without knowing any pod. */
function sharedBy(a: EgressOwner, b: EgressOwner): { pods: string; destination: string }[] {
    const all = [a, b].some(({ podSelector }) => isSame(podSelector ?? {}, {}));
    if (!all && !isSame(a.podSelector, b.podSelector)) return [];
    const pods = sharedNamespaces(a, b);
    const destination = a.destinations.find((text) => b.destinations.includes(text));
    return pods === undefined || destination === undefined ? [] : [{ pods, destination }];
}

function sharedNamespaces(a: EgressOwner, b: EgressOwner): string | undefined {
    if ([a, b].some(({ namespaceSelector }) => isSame(namespaceSelector, {}))) return "every namespace";
    const name = a.namespaces.find((one) => b.namespaces.includes(one));
    if (name !== undefined) return `the namespace ${name}`;
    return a.namespaceSelector !== undefined && isSame(a.namespaceSelector, b.namespaceSelector)
        ? `the namespaces ${show(a.namespaceSelector)}`
        : undefined;
}

function isSame(a: LabelSelector | undefined, b: LabelSelector | undefined): boolean {
    return JSON.stringify(a) === JSON.stringify(b);
}

/** What is excluded from nothing changes nothing. */
export const egressExcludesSomething: Rule = forEachEgress(({ owners }, path) =>
    owners.flatMap(({ name, destinations, excluded }) =>
        excluded
            .filter((text) => !destinations.some((wide) => meet(wide, text)))
            .map((text) => ({
                path: `${path}.owners.${name}.excluded`,
                value: show(text),
                rule: `is no part of the destinations ${destinations.join(", ")}: it excludes nothing`,
                fix: "correct it, or leave it out",
            })),
    ),
);

function meet(a: string, b: string): boolean {
    const [left, right] = [parseCidr(a), parseCidr(b)];
    return left !== undefined && right !== undefined && overlaps(left, right);
}

/** What comes back for an address finds its gateway by ARP in the node network, and elsewhere by routes. */
export const egressIsRouted: Rule = forEachEgress((egress, path, cluster) => {
    const subnet = parseCidr(egress.subnet);
    const near = cluster.nodeCidrs.some((text) => {
        const nodes = parseCidr(text);
        return nodes !== undefined && subnet !== undefined && contains(nodes, subnet);
    });
    const device = egress.interface;
    if (device === undefined || near) return [];
    const gateways = new Set(addressesOf(egress, path).map(({ node }) => node));
    const silent = nodesOf(cluster).filter(
        (node) => gateways.has(node.name) && !announces(node, device, cluster),
    );
    return silent.length === 0
        ? []
        : [
              {
                  path: `${path}.interface`,
                  value: show(device),
                  rule: `is announced by nobody on ${silent.map(({ name }) => name).join(", ")}, and the subnet ${egress.subnet} is not of the node network: answers to what leaves would not come back`,
                  fix: `let these nodes speak BGP (Cilium 1.19 or later) and name ${device} in interfaceAddresses of an advertisement, or make sure that your routers know where the addresses are`,
              },
          ];
});

/** Whether a node tells some neighbour the addresses of an interface. */
function announces(node: Node, device: string, cluster: Cluster): boolean {
    return cluster.loadBalancers.some(
        ({ announce }) =>
            announce.mode === "bgp" &&
            instancesOf(announce)
                .filter(({ nodeSelector }) => speakers(cluster, nodeSelector).includes(node))
                .flatMap(({ peers }) => Object.keys(peers))
                .flatMap((peer) => toldTo(peer, announce))
                .some(({ interfaceAddresses = [] }) => interfaceAddresses.includes(device)),
    );
}

/** What a design for such addresses is still meant for. */
const MANY = 250;

export const fewEgressAddresses: Rule = forEachEgress((egress, path) => {
    const { length } = addressesOf(egress, path);
    return length <= MANY
        ? []
        : [
              {
                  path: `${path}.owners`,
                  value: show(length),
                  rule: `are more than ${MANY} egress addresses: each is an address on a gateway's interface, and a route or a neighbour of its own in the network`,
                  fix: "see that gateways and routers take as many, or let namespaces share an address",
              },
          ];
});
