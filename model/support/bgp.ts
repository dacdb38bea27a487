/*
 * What holds for BGP whichever speaker is used, as far as one announcement can be judged by itself. What one speaker lacks is
 * in cilium-bgp.ts and metallb.ts.
 */
import { parseAddress } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Bgp } from "../resolved.ts";
import { advertisementsOf, type Advertisement } from "./bgp-advertisements.ts";
import { called, FIRST, instancesOf, neighboursOf, type BgpPeer, type Instance } from "./bgp-instances.ts";
import { communityProblems } from "./community.ts";

/** The times of a session that names none. */
export const DEFAULT_TIMES = { holdTime: 90, keepAliveTime: 30, connectRetryTime: 120 } as const;

const MAX_ASN = 4_294_967_295;

export function sharedBgpProblems(bgp: Bgp, path: string): Problem[] {
    return [
        ...instancesOf(bgp).flatMap((instance) => instanceProblems(instance, `${path}${instance.at}`)),
        ...nameProblems(bgp, path),
        ...advertisementsOf(bgp).flatMap((advertisement) => advertisementProblems(advertisement, bgp, path)),
        ...besideProblems(bgp, path),
        ...untoldProblems(bgp, path),
    ];
}

function instanceProblems(instance: Instance, path: string): Problem[] {
    return [
        ...asnProblems(instance.localASN, `${path}.localASN`),
        ...Object.entries(instance.peers).flatMap(([name, peer]) =>
            peerProblems(name, peer, instance, `${path}.peers.${name}`),
        ),
    ];
}

/** Names by which objects of the cluster, passwords and advertisements find what they belong to. */
function nameProblems(bgp: Bgp, path: string): Problem[] {
    const neighbours = neighboursOf(bgp);
    return [
        ...(bgp.instances?.[FIRST] === undefined
            ? []
            : [
                  {
                      path: `${path}.instances.${FIRST}`,
                      rule: "is the name of the instance that the announcement itself describes",
                      fix: "choose another name",
                  },
              ]),
        ...neighbours.flatMap(({ name, at, instance }, index) => {
            const first = neighbours.slice(0, index).find((other) => other.name === name);
            return first === undefined
                ? []
                : [
                      {
                          path: `${path}${at}`,
                          value: show(name),
                          rule: `is also the name of a neighbour of ${called(first.instance)}: passwords and advertisements know neighbours by name`,
                          fix: `choose another name, such as "${instance.name}-${name}"`,
                      },
                  ];
        }),
    ];
}

function advertisementProblems(advertisement: Advertisement, bgp: Bgp, path: string): Problem[] {
    const at = `${path}${advertisement.at}`;
    const names = neighboursOf(bgp).map(({ name }) => name);
    return [
        ...twice(advertisement.advertise, `${at}.advertise`),
        ...twice(advertisement.interfaceAddresses ?? [], `${at}.interfaceAddresses`),
        ...communityProblems(advertisement.communities ?? [], `${at}.communities`),
        ...localPreferenceProblems(advertisement, bgp, `${at}.localPreference`),
        ...twice(advertisement.peers ?? [], `${at}.peers`),
        ...(advertisement.peers ?? []).flatMap((peer, index) =>
            names.includes(peer)
                ? []
                : [
                      {
                          path: `${at}.peers[${index}]`,
                          value: show(peer),
                          rule: "is the name of no neighbour",
                          fix: `the neighbours are ${names.join(", ")}`,
                      },
                  ],
        ),
    ];
}

const TELLING = [
    "serviceSelector",
    "communities",
    "localPreference",
    "aggregationLengthIPv4",
    "aggregationLengthIPv6",
] as const;

/** Where there are several advertisements, what stands beside them belongs to none. */
function besideProblems(bgp: Bgp, path: string): Problem[] {
    if (bgp.advertisements === undefined) return [];
    const told = new Set(advertisementsOf(bgp).flatMap(({ advertise }) => advertise));
    const said = [
        ...(bgp.advertise.every((what) => told.has(what)) ? [] : ["advertise" as const]),
        ...TELLING.filter((key) => bgp[key] !== undefined),
    ];
    return said.map((key) => ({
        path: `${path}.${key}`,
        value: show(bgp[key]),
        rule: "stands beside advertisements, and would be in none of them",
        fix: "move it into those that it is for",
    }));
}

/** A neighbour that is told nothing would make a session for nothing, and most likely by mistake. */
function untoldProblems(bgp: Bgp, path: string): Problem[] {
    const advertisements = advertisementsOf(bgp);
    return neighboursOf(bgp)
        .filter(
            ({ name }) => !advertisements.some(({ peers }) => peers === undefined || peers.includes(name)),
        )
        .map(({ name, at }) => ({
            path: `${path}${at}`,
            value: show(name),
            rule: "is named by no advertisement: it would be told nothing",
            fix: "add it to the peers of one, or take the neighbour out",
        }));
}

/** An AS number has 32 bits, and 0 is none (RFC 7607). */
export function asnProblems(asn: number, path: string): Problem[] {
    return Number.isInteger(asn) && asn >= 1 && asn <= MAX_ASN
        ? []
        : [
              {
                  path,
                  value: show(asn),
                  rule: `is not an AS number: 1 to ${MAX_ASN}`,
                  fix: "use the number agreed with the network's owner, or a private one: 64512 to 65534, 4200000000 to 4294967294",
              },
          ];
}

/** What is said twice in a list whose order means nothing. */
export function twice(values: readonly string[], path: string): Problem[] {
    return values.flatMap((value, index) =>
        values.indexOf(value) < index
            ? [
                  {
                      path: `${path}[${index}]`,
                      value: show(value),
                      rule: "is there twice",
                      fix: "write it once",
                  },
              ]
            : [],
    );
}

function peerProblems(name: string, peer: BgpPeer, { localASN, peers }: Instance, path: string): Problem[] {
    const { holdTime, keepAliveTime } = DEFAULT_TIMES;
    const hold = peer.holdTimeSeconds ?? holdTime;
    const keepAlive = peer.keepAliveTimeSeconds ?? keepAliveTime;
    const multihop = peer.ebgpMultihop ?? 1;
    return [
        ...(peer.asn === "any" ? [] : asnProblems(peer.asn, `${path}.asn`)),
        ...placeProblems(name, peer, peers, path),
        ...(keepAlive <= hold
            ? []
            : [
                  {
                      path: `${path}.keepAliveTimeSeconds`,
                      value: show(keepAlive),
                      rule: `is longer than the hold time, ${hold}: the session would end between two signs of life`,
                      fix: "write a third of holdTimeSeconds or less",
                  },
              ]),
        ...(multihop > 1 && peer.asn === localASN
            ? [
                  {
                      path: `${path}.ebgpMultihop`,
                      value: show(multihop),
                      rule: `is for external neighbours, and this one has our own AS number, ${localASN}`,
                      fix: "leave it out: internal sessions pass any number of hops",
                  },
              ]
            : []),
        ...twice(peer.families ?? [], `${path}.families`),
    ];
}

/** A neighbour is at one place: an address, or wherever the default route leads. */
function placeProblems(name: string, peer: BgpPeer, peers: Instance["peers"], path: string): Problem[] {
    const { address, defaultGateway } = peer;
    if (address === undefined && defaultGateway === undefined) {
        return [
            {
                path: `${path}.address`,
                rule: "is missing: nothing says where the neighbour is",
                fix: 'write its address, or defaultGateway: "ipv4" where it is each node\'s default gateway',
            },
        ];
    }
    if (address !== undefined && defaultGateway !== undefined) {
        return [
            {
                path: `${path}.defaultGateway`,
                value: show(defaultGateway),
                rule: `is one place of the neighbour, and its address ${address} another: Cilium would take the address`,
                fix: "leave one of them out",
            },
        ];
    }
    const [same] = Object.entries(peers).find(([, other]) => isSamePlace(other, peer)) ?? [name];
    if (same === name) return [];
    const [key, value] =
        address === undefined ? ["defaultGateway", defaultGateway] : (["address", address] as const);
    return [
        {
            path: `${path}.${key}`,
            value: show(value),
            rule: `is also the ${key === "address" ? "address of" : "place of"} the neighbour ${same}: a speaker tells neighbours apart by address, whatever the port`,
            fix: "describe each neighbour once",
        },
    ];
}

/** Whether two neighbours are one, as far as the description tells. */
export function isSamePlace(a: BgpPeer, b: BgpPeer): boolean {
    if (a.address === undefined || b.address === undefined) {
        return a.defaultGateway !== undefined && a.defaultGateway === b.defaultGateway;
    }
    const [left, right] = [parseAddress(a.address), parseAddress(b.address)];
    return (
        a.address === b.address ||
        (left !== undefined && left.family === right?.family && left.first === right.first)
    );
}

function localPreferenceProblems(
    { localPreference, peers }: Advertisement,
    bgp: Bgp,
    path: string,
): Problem[] {
    const told = neighboursOf(bgp).filter(({ name }) => peers === undefined || peers.includes(name));
    const numbers = [...new Set(told.map(({ instance }) => instance.localASN))];
    return localPreference === undefined ||
        told.some(({ peer, instance }) => peer.asn === "any" || peer.asn === instance.localASN)
        ? []
        : [
              {
                  path,
                  value: show(localPreference),
                  rule: `is sent to internal neighbours only, and none has our own AS number, ${numbers.join(" or ")}`,
                  fix: "leave it out, and let the neighbours prefer routes by their communities",
              },
          ];
}
