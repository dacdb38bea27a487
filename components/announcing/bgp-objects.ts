/*
 * The specs of Cilium's BGP objects.
 * https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/
 */
import { createHash } from "node:crypto";

import type { Bgp } from "../../model/resolved.ts";
import { DEFAULT_TIMES } from "../../model/support/bgp.ts";
import { aggregations, peersReachedFrom } from "../../model/support/cilium-bgp.ts";
import { parseCommunity, type Community } from "../../model/support/community.ts";
import { defined } from "./defined.ts";

type BgpPeer = Bgp["peers"][string];
type Families = readonly ("ipv4" | "ipv6")[];

/** The one BGP instance of a node. Overrides name it, so it does not carry anything that may change. */
const INSTANCE = "bgp";

/** What ties sessions to their advertisement; advertisements of others stay theirs. */
export const ADVERTISEMENT_LABELS = { "multicluster/announce": "bgp" } as const;

/** The session parameters that some neighbours share. */
export interface Session {
    /** Made from the parameters: neighbours that share them find the same object, and one that changes leaves it to the others. */
    readonly name: string;
    readonly peers: readonly string[];
    /** The Secret of their password. */
    readonly secret?: string;
    readonly spec: Record<string, unknown>;
}

/** The neighbours' session parameters, each set of them once. */
export function sessions(bgp: Bgp, families: Families): Session[] {
    const all = Object.entries(bgp.peers).map(([name, peer]) => {
        const secret = passwordSecret(bgp, name);
        return { peer: name, secret, spec: peerConfig(peer, families, secret) };
    });
    return [...Map.groupBy(all, ({ spec }) => JSON.stringify(spec)).values()].flatMap((group) => {
        const [first] = group;
        return first === undefined
            ? []
            : [
                  {
                      name: `bgp-${digest(first.spec)}`,
                      peers: group.map(({ peer }) => peer),
                      spec: first.spec,
                      ...(first.secret === undefined ? {} : { secret: first.secret }),
                  },
              ];
    });
}

/** The Secret that holds a neighbour's password; neighbours that name the same secret of the configuration share it. */
export function passwordSecret({ peers }: Bgp, peer: string): string | undefined {
    const password = peers[peer]?.password;
    return password === undefined ? undefined : `bgp-password-${digest(password)}`;
}

/** Short, and the same for equal values. */
function digest(value: object): string {
    return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}

export function clusterConfig({ localASN, peers, nodeSelector }: Bgp, shared: readonly Session[]) {
    return defined({
        nodeSelector,
        bgpInstances: [
            {
                name: INSTANCE,
                localASN,
                peers: Object.entries(peers).map(([name, { address, asn }]) => ({
                    name,
                    peerASN: asn,
                    peerAddress: address,
                    peerConfigRef: {
                        name: shared.find((session) => session.peers.includes(name))?.name ?? name,
                    },
                })),
            },
        ],
    });
}

/** Services and pod ranges are separate advertisements; attributes hold for both. */
export function advertisement(bgp: Bgp) {
    const addresses = bgp.advertise.filter((what) => what !== "PodCIDR");
    const attributes = attributesOf(bgp);
    const services = {
        advertisementType: "Service",
        service: { addresses, ...Object.fromEntries(aggregations(bgp)) },
        selector: bgp.serviceSelector ?? EVERY_SERVICE,
        ...attributes,
    };
    return {
        advertisements: [
            ...(addresses.length === 0 ? [] : [services]),
            ...(bgp.advertise.includes("PodCIDR") ? [{ advertisementType: "PodCIDR", ...attributes }] : []),
        ],
    };
}

/** A session's source address belongs to the session: each neighbour of its family gets it. */
export function nodeOverride(bgp: Bgp, { routerId, localAddress, localPort, localASN }: BgpNode) {
    const peers = localAddress === undefined ? [] : peersReachedFrom(localAddress, bgp);
    return {
        bgpInstances: [
            defined({
                name: INSTANCE,
                routerID: routerId,
                localPort,
                localASN,
                peers: peers.length === 0 ? undefined : peers.map((name) => ({ name, localAddress })),
            }),
        ],
    };
}

type BgpNode = NonNullable<Bgp["nodes"]>[string];

/** An absent selector would select no Service; this is a condition that holds for all. */
const EVERY_SERVICE = {
    matchExpressions: [{ key: "multicluster/announce", operator: "NotIn", values: ["never"] }],
} as const;

/** The times are written out, so that sessions with the same ones look the same. */
function peerConfig(peer: BgpPeer, families: Families, secret: string | undefined): Record<string, unknown> {
    const { holdTime, keepAliveTime, connectRetryTime } = DEFAULT_TIMES;
    return defined({
        authSecretRef: secret,
        ebgpMultihop: peer.ebgpMultihop ?? 1,
        timers: {
            connectRetryTimeSeconds: peer.connectRetryTimeSeconds ?? connectRetryTime,
            holdTimeSeconds: peer.holdTimeSeconds ?? holdTime,
            keepAliveTimeSeconds: peer.keepAliveTimeSeconds ?? keepAliveTime,
        },
        gracefulRestart:
            peer.gracefulRestart === undefined
                ? undefined
                : { enabled: true, restartTimeSeconds: peer.gracefulRestart.restartTimeSeconds ?? 120 },
        transport: defined({ peerPort: peer.port ?? 179, sourceInterface: peer.sourceInterface }),
        families: (peer.families ?? families).toSorted().map((afi) => ({
            afi,
            safi: "unicast",
            advertisements: { matchLabels: ADVERTISEMENT_LABELS },
        })),
    });
}

function attributesOf({ communities = [], localPreference }: Bgp): { attributes?: Record<string, unknown> } {
    const ofKind = (kind: Community["kind"]) => {
        const found = communities.filter((text) => parseCommunity(text)?.kind === kind);
        return found.length === 0 ? undefined : found;
    };
    const attributes = defined({
        communities:
            communities.length === 0
                ? undefined
                : defined({
                      standard: ofKind("standard"),
                      large: ofKind("large"),
                      wellKnown: ofKind("wellKnown"),
                  }),
        localPreference,
    });
    return Object.keys(attributes).length === 0 ? {} : { attributes };
}
