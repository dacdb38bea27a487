/*
 * What holds for BGP whichever speaker is used, as far as one announcement can be judged by itself. What one speaker lacks is
 * in cilium-bgp.ts and metallb.ts.
 */
import { parseAddress } from "../net/range.ts";
import { show, type Problem } from "../problem.ts";
import type { Bgp } from "../resolved.ts";
import { communityProblems } from "./community.ts";

/** The times of a session that names none. */
export const DEFAULT_TIMES = { holdTime: 90, keepAliveTime: 30, connectRetryTime: 120 } as const;

const MAX_ASN = 4_294_967_295;

export function sharedBgpProblems(bgp: Bgp, path: string): Problem[] {
    return [
        ...asnProblems(bgp.localASN, `${path}.localASN`),
        ...Object.keys(bgp.peers).flatMap((name) => peerProblems(name, bgp, `${path}.peers.${name}`)),
        ...twice(bgp.advertise, `${path}.advertise`),
        ...communityProblems(bgp.communities ?? [], `${path}.communities`),
        ...localPreferenceProblems(bgp, `${path}.localPreference`),
    ];
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

function peerProblems(name: string, { localASN, peers }: Bgp, path: string): Problem[] {
    const peer = peers[name];
    if (peer === undefined) return [];
    const { holdTime, keepAliveTime } = DEFAULT_TIMES;
    const hold = peer.holdTimeSeconds ?? holdTime;
    const keepAlive = peer.keepAliveTimeSeconds ?? keepAliveTime;
    const multihop = peer.ebgpMultihop ?? 1;
    const same = Object.entries(peers).find(([, { address }]) => isSameAddress(address, peer.address));
    return [
        ...asnProblems(peer.asn, `${path}.asn`),
        ...(same === undefined || same[0] === name
            ? []
            : [
                  {
                      path: `${path}.address`,
                      value: show(peer.address),
                      rule: `is also the address of the neighbour ${same[0]}: a speaker tells neighbours apart by address, whatever the port`,
                      fix: "describe each neighbour once",
                  },
              ]),
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

function isSameAddress(a: string, b: string): boolean {
    const [left, right] = [parseAddress(a), parseAddress(b)];
    return a === b || (left !== undefined && left.family === right?.family && left.first === right.first);
}

function localPreferenceProblems({ localPreference, localASN, peers }: Bgp, path: string): Problem[] {
    return localPreference === undefined || Object.values(peers).some(({ asn }) => asn === localASN)
        ? []
        : [
              {
                  path,
                  value: show(localPreference),
                  rule: `is sent to internal neighbours only, and none has our own AS number, ${localASN}`,
                  fix: "leave it out, and let the neighbours prefer routes by their communities",
              },
          ];
}
