import { parseAddress } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Bgp } from "../resolved.ts";
import { asnProblems, sharedBgpProblems } from "./bgp.ts";
import { minorOf } from "./version.ts";

/** What Cilium's BGP control plane, in this version, cannot do as described. */
export function bgpProblems(bgp: Bgp, ciliumVersion: string, path: string): Problem[] {
    return [
        ...sharedBgpProblems(bgp, path),
        ...Object.entries(bgp.peers).flatMap(([name, { sourceInterface, bfd }]) => [
            ...(sourceInterface === undefined
                ? []
                : since(19, ciliumVersion, `${path}.peers.${name}.sourceInterface`, sourceInterface)),
            ...(bfd === undefined
                ? []
                : [
                      {
                          path: `${path}.peers.${name}.bfd`,
                          value: show(bfd),
                          rule: "is not in the open-source Cilium",
                          fix: "leave it out and shorten holdTimeSeconds, or let MetalLB announce",
                      },
                  ]),
        ]),
        ...serviceOnlyProblems(bgp, path),
        ...aggregations(bgp).flatMap(([key, length]) => since(18, ciliumVersion, `${path}.${key}`, length)),
        ...nodeProblems(bgp, ciliumVersion, path),
    ];
}

/** The prefix lengths that differ from single addresses, which is what an announcement without them has. */
export function aggregations({ aggregationLengthIPv4 = 32, aggregationLengthIPv6 = 128 }: Bgp) {
    const ipv4 =
        aggregationLengthIPv4 === 32 ? [] : [["aggregationLengthIPv4", aggregationLengthIPv4] as const];
    const ipv6 =
        aggregationLengthIPv6 === 128 ? [] : [["aggregationLengthIPv6", aggregationLengthIPv6] as const];
    return [...ipv4, ...ipv6];
}

/** Options that say something about Services' addresses are lost where only pod ranges are announced. */
function serviceOnlyProblems(bgp: Bgp, path: string): Problem[] {
    if (bgp.advertise.some((what) => what !== "PodCIDR")) return [];
    const options: (readonly [string, unknown])[] = [
        ...(bgp.serviceSelector === undefined ? [] : [["serviceSelector", bgp.serviceSelector] as const]),
        ...aggregations(bgp),
    ];
    return options.map(([key, value]) => ({
        path: `${path}.${key}`,
        value: show(value),
        rule: "is about addresses of Services, and none of them are announced",
        fix: 'add "LoadBalancerIP" to advertise, or leave this out',
    }));
}

function nodeProblems(bgp: Bgp, ciliumVersion: string, path: string): Problem[] {
    const nodes = Object.entries(bgp.nodes ?? {});
    return nodes.flatMap(([node, { routerId, localAddress, localASN, localPort }], index) => {
        const at = `${path}.nodes.${node}`;
        const [same] = nodes.slice(0, index).find(([, other]) => other.routerId === routerId) ?? [];
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
            ...(routerId === undefined || same === undefined
                ? []
                : [
                      {
                          path: `${at}.routerId`,
                          value: show(routerId),
                          rule: `is also the identifier of ${same}: a router refuses the second session`,
                          fix: "give each node its own",
                      },
                  ]),
            ...(localAddress === undefined || peersReachedFrom(localAddress, bgp).length > 0
                ? []
                : [
                      {
                          path: `${at}.localAddress`,
                          value: show(localAddress),
                          rule: "is of another address family than every neighbour",
                          fix: "write the node's address of the neighbours' family",
                      },
                  ]),
            ...(localPort === undefined || localPort >= 1024
                ? []
                : [
                      {
                          path: `${at}.localPort`,
                          value: show(localPort),
                          rule: "is below 1024, where Cilium's agent, as its chart runs it, may not listen",
                          fix: "choose a port from 1024 on, or leave it out: sessions begin on this side",
                      },
                  ]),
            ...(localASN === undefined
                ? []
                : [
                      ...asnProblems(localASN, `${at}.localASN`),
                      ...since(18, ciliumVersion, `${at}.localASN`, localASN),
                  ]),
        ];
    });
}

/** The neighbours that a session from this address can have. */
export function peersReachedFrom(localAddress: string, { peers }: Bgp): string[] {
    const family = parseAddress(localAddress)?.family;
    return Object.keys(peers).filter((name) => parseAddress(peers[name]?.address ?? "")?.family === family);
}

function since(minor: number, ciliumVersion: string, path: string, value: unknown): Problem[] {
    return minorOf(ciliumVersion) >= minor
        ? []
        : [
              {
                  path,
                  value: show(value),
                  rule: `Cilium has it since 1.${minor}, not in ${ciliumVersion}`,
                  fix: `use Cilium 1.${minor} or later, or leave it out`,
              },
          ];
}
