import { parseAddress } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Bgp } from "../resolved.ts";
import { asnProblems, sharedBgpProblems } from "./bgp.ts";
import { advertisementsOf, aggregations, type Advertisement } from "./bgp-advertisements.ts";
import { called, familyOf, instancesByNodes, instancesOf, type Instance } from "./bgp-instances.ts";
import { ciliumHas, ciliumSince, type CiliumOption } from "./cilium-options.ts";

/** Cilium takes this many instances for a node. */
const MOST_INSTANCES = 16;

/** What Cilium's BGP control plane, in this version, cannot do as described. */
export function bgpProblems(bgp: Bgp, ciliumVersion: string, path: string): Problem[] {
    return [
        ...sharedBgpProblems(bgp, path),
        ...instancesOf(bgp).flatMap((instance) => instanceProblems(instance, ciliumVersion, path)),
        ...advertisementsOf(bgp).flatMap((advertisement) =>
            advertisementProblems(advertisement, ciliumVersion, `${path}${advertisement.at}`),
        ),
        ...instancesByNodes(bgp).flatMap((group) => countProblems(group, path)),
        ...identifierProblems(bgp, path),
        ...routerIdsProblems(bgp, ciliumVersion, path),
    ];
}

function instanceProblems(instance: Instance, ciliumVersion: string, path: string): Problem[] {
    const at = `${path}${instance.at}`;
    const { localPort, peers } = instance;
    return [
        ...Object.entries(peers).flatMap(([name, { asn, sourceInterface, defaultGateway, bfd }]) => [
            ...(asn === "any" ? since("bgpAnyASN", ciliumVersion, `${at}.peers.${name}.asn`, asn) : []),
            ...(sourceInterface === undefined
                ? []
                : since(
                      "bgpSourceInterface",
                      ciliumVersion,
                      `${at}.peers.${name}.sourceInterface`,
                      sourceInterface,
                  )),
            ...(defaultGateway === undefined
                ? []
                : since(
                      "bgpDefaultGateway",
                      ciliumVersion,
                      `${at}.peers.${name}.defaultGateway`,
                      defaultGateway,
                  )),
            ...(bfd === undefined
                ? []
                : [
                      {
                          path: `${at}.peers.${name}.bfd`,
                          value: show(bfd),
                          rule: "is not in the open-source Cilium",
                          fix: "leave it out and shorten holdTimeSeconds, or let MetalLB announce",
                      },
                  ]),
        ]),
        ...(localPort === undefined
            ? []
            : [
                  ...since("bgpLocalPort", ciliumVersion, `${at}.localPort`, localPort),
                  ...portProblems(localPort, `${at}.localPort`),
              ]),
        ...nodeProblems(instance, ciliumVersion, at),
    ];
}

function advertisementProblems(advertisement: Advertisement, ciliumVersion: string, path: string): Problem[] {
    const { interfaceAddresses, pools } = advertisement;
    return [
        ...serviceOnlyProblems(advertisement, path),
        ...aggregations(advertisement).flatMap(([key, length]) =>
            since("bgpAggregation", ciliumVersion, `${path}.${key}`, length),
        ),
        ...(interfaceAddresses === undefined
            ? []
            : since(
                  "bgpInterfaceAddresses",
                  ciliumVersion,
                  `${path}.interfaceAddresses`,
                  interfaceAddresses,
              )),
        ...(pools === undefined
            ? []
            : [
                  {
                      path: `${path}.pools`,
                      value: show(pools),
                      rule: "is MetalLB's: Cilium announces Services, whichever pool their address is from",
                      fix: "give those Services a label, and name it in serviceSelector",
                  },
              ]),
    ];
}

/** Options that say something about Services' addresses are lost where none are announced. */
function serviceOnlyProblems(advertisement: Advertisement, path: string): Problem[] {
    const { advertise, serviceSelector } = advertisement;
    if (advertise.some((what) => what !== "PodCIDR")) return [];
    const options: (readonly [string, unknown])[] = [
        ...(serviceSelector === undefined ? [] : [["serviceSelector", serviceSelector] as const]),
        ...aggregations(advertisement),
    ];
    return options.map(([key, value]) => ({
        path: `${path}.${key}`,
        value: show(value),
        rule: "is about addresses of Services, and none of them are announced",
        fix: 'add "LoadBalancerIP" to advertise, or leave this out',
    }));
}

function countProblems(group: readonly Instance[], path: string): Problem[] {
    const [first] = group;
    return first === undefined || group.length <= MOST_INSTANCES
        ? []
        : [
              {
                  path: `${path}.instances`,
                  value: show(group.length),
                  rule: `are the instances for the nodes of ${called(first)}, and Cilium takes ${MOST_INSTANCES} for a node`,
                  fix: "give some of them a nodeSelector that selects other nodes",
              },
          ];
}

function routerIdsProblems({ routerIds }: Bgp, ciliumVersion: string, path: string): Problem[] {
    if (routerIds === undefined) return [];
    return [
        ...since("bgpRouterIds", ciliumVersion, `${path}.routerIds`, routerIds),
        ...(routerIds.includes(":")
            ? [
                  {
                      path: `${path}.routerIds`,
                      value: show(routerIds),
                      rule: "is not an IPv4 range, and every BGP identifier has the form of an IPv4 address, in IPv6 networks too",
                      fix: 'write a range that nothing else uses, such as "10.255.0.0/24"',
                  },
              ]
            : []),
    ];
}

function portProblems(localPort: number, path: string): Problem[] {
    return localPort >= 1024
        ? []
        : [
              {
                  path,
                  value: show(localPort),
                  rule: "is below 1024, where Cilium's agent, as its chart runs it, may not listen",
                  fix: "choose a port from 1024 on, or leave it out: sessions begin on this side",
              },
          ];
}

/** Two nodes with one identifier, in whichever instances: a router that both speak to takes them for one. */
function identifierProblems(bgp: Bgp, path: string): Problem[] {
    const given = instancesOf(bgp).flatMap(({ at, nodes = {} }) =>
        Object.entries(nodes).flatMap(([node, { routerId }]) =>
            routerId === undefined ? [] : [{ node, routerId, path: `${path}${at}.nodes.${node}.routerId` }],
        ),
    );
    return given.flatMap(({ node, routerId, path: place }, index) => {
        const same = given
            .slice(0, index)
            .find((other) => other.routerId === routerId && other.node !== node);
        return same === undefined
            ? []
            : [
                  {
                      path: place,
                      value: show(routerId),
                      rule: `is also the identifier of ${same.node}: a router refuses the second session`,
                      fix: "give each node its own",
                  },
              ];
    });
}

function nodeProblems(instance: Instance, ciliumVersion: string, path: string): Problem[] {
    const nodes = Object.entries(instance.nodes ?? {});
    return nodes.flatMap(([node, { routerId, localAddress, localASN, localPort }]) => {
        const at = `${path}.nodes.${node}`;
        return [
            ...(routerId === undefined || parseAddress(routerId)?.family === "IPv4"
                ? []
                : [
                      {
                          path: `${at}.routerId`,
                          value: show(routerId),
                          rule: "is not an IPv4 address, the form of every BGP identifier, in IPv6 networks too",
                          fix: 'write any IPv4 address that is the node\'s alone, such as "10.255.0.1"',
                      },
                  ]),
            ...(localAddress === undefined || peersReachedFrom(localAddress, instance).length > 0
                ? []
                : [
                      {
                          path: `${at}.localAddress`,
                          value: show(localAddress),
                          rule: "is of another address family than every neighbour",
                          fix: "write the node's address of the neighbours' family",
                      },
                  ]),
            ...(localPort === undefined ? [] : portProblems(localPort, `${at}.localPort`)),
            ...(localASN === undefined
                ? []
                : [
                      ...asnProblems(localASN, `${at}.localASN`),
                      ...since("bgpLocalASN", ciliumVersion, `${at}.localASN`, localASN),
                  ]),
        ];
    });
}

/** The neighbours that a session from this address can have. */
export function peersReachedFrom(localAddress: string, { peers }: Pick<Instance, "peers">): string[] {
    const family = parseAddress(localAddress)?.family;
    return Object.entries(peers)
        .filter(([, peer]) => familyOf(peer) === family)
        .map(([name]) => name);
}

function since(option: CiliumOption, ciliumVersion: string, path: string, value: unknown): Problem[] {
    return ciliumHas(option, ciliumVersion)
        ? []
        : [
              {
                  path,
                  value: show(value),
                  rule: `Cilium has it since ${ciliumSince(option)}, not in ${ciliumVersion}`,
                  fix: `use Cilium ${ciliumSince(option)} or later, or leave it out`,
              },
          ];
}
