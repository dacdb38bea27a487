/*
 * The specs of Cilium's BGP objects.
 * https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/
 */
import { createHash } from "node:crypto";

import type { Bgp } from "../../model/resolved.ts";
import { DEFAULT_TIMES } from "../../model/support/bgp.ts";
import {
    advertisementsOf,
    aggregations,
    ONLY,
    toldTo,
    type Advertisement,
} from "../../model/support/bgp-advertisements.ts";
import {
    FIRST,
    instancesByNodes,
    instancesOf,
    neighboursOf,
    peersOf,
    type BgpPeer,
    type Instance,
} from "../../model/support/bgp-instances.ts";
import { peersReachedFrom } from "../../model/support/cilium-bgp.ts";
import { parseCommunity, type Community } from "../../model/support/community.ts";
import { defined } from "./defined.ts";

type Families = readonly ("ipv4" | "ipv6")[];

/** What ties sessions to their advertisements; advertisements of others stay theirs. */
const ANNOUNCED = { "multicluster/announce": "bgp" } as const;

/** What tells one of several advertisements from the others. */
const WHICH = "multicluster/advertisement";

/** An object of Cilium's, but for its kind. */
export interface Named<Spec = Record<string, unknown>> {
    /** What it is called in the cluster. */
    readonly name: string;
    /** The end of its logical name: nothing for the first, which is there whatever else is described. */
    readonly suffix: string;
    readonly spec: Spec;
    readonly labels?: Record<string, string>;
}

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
    const all = neighboursOf(bgp).map(({ name, peer }) => {
        const secret = passwordSecret(bgp, name);
        return { peer: name, secret, spec: peerConfig(peer, families, secret, selectorOf(name, bgp)) };
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
export function passwordSecret(bgp: Bgp, peer: string): string | undefined {
    const password = peersOf(bgp)[peer]?.password;
    return password === undefined ? undefined : `bgp-password-${digest(password)}`;
}

/** Short, and the same for equal values. */
function digest(value: object): string {
    return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 8);
}

/** The instances, those for the same nodes in one object: Cilium takes one object for a node. */
export function clusterConfigs(bgp: Bgp, shared: readonly Session[]): Named[] {
    return instancesByNodes(bgp).flatMap((group) => {
        const [first] = group;
        return first === undefined
            ? []
            : [
                  {
                      ...named(first.name, FIRST),
                      spec: defined({
                          nodeSelector: first.nodeSelector,
                          bgpInstances: group.map((instance) => instanceSpec(instance, shared)),
                      }),
                  },
              ];
    });
}

/** Overrides name an instance, so its name does not carry anything that may change. */
function instanceSpec({ name, localASN, localPort, peers }: Instance, shared: readonly Session[]) {
    return defined({
        name,
        localASN,
        localPort,
        peers: Object.entries(peers).map(([peer, { address, asn, defaultGateway }]) =>
            defined({
                name: peer,
                // 0 takes the number that the neighbour itself names.
                peerASN: asn === "any" ? 0 : asn,
                peerAddress: address,
                autoDiscovery:
                    defaultGateway === undefined
                        ? undefined
                        : { mode: "DefaultGateway", defaultGateway: { addressFamily: defaultGateway } },
                peerConfigRef: {
                    name: shared.find((session) => session.peers.includes(peer))?.name ?? peer,
                },
            }),
        ),
    });
}

/** What neighbours are told. The only advertisement has no label of its own: all sessions find it. */
export function advertisements(bgp: Bgp): Named[] {
    return advertisementsOf(bgp).map((advertisement) => ({
        ...named(advertisement.name, ONLY),
        labels: {
            ...ANNOUNCED,
            ...(bgp.advertisements === undefined ? {} : { [WHICH]: advertisement.name }),
        },
        spec: { advertisements: parts(advertisement) },
    }));
}

/** Services, pod ranges and interfaces are separate parts; attributes hold for all. */
function parts(advertisement: Advertisement): Record<string, unknown>[] {
    const { advertise, serviceSelector, interfaceAddresses = [] } = advertisement;
    const addresses = advertise.filter((what) => what !== "PodCIDR");
    const attributes = attributesOf(advertisement);
    const services = {
        advertisementType: "Service",
        service: { addresses, ...Object.fromEntries(aggregations(advertisement)) },
        selector: serviceSelector ?? EVERY_SERVICE,
        ...attributes,
    };
    return [
        ...(addresses.length === 0 ? [] : [services]),
        ...(advertise.includes("PodCIDR") ? [{ advertisementType: "PodCIDR", ...attributes }] : []),
        ...interfaceAddresses.map((name) => ({
            advertisementType: "Interface",
            interface: { name },
            ...attributes,
        })),
    ];
}

/** A neighbour that is told everything finds all advertisements, so that a further one changes nothing about its session. */
function selectorOf(peer: string, bgp: Bgp) {
    const told = toldTo(peer, bgp);
    return told.length === advertisementsOf(bgp).length
        ? { matchLabels: ANNOUNCED }
        : {
              matchLabels: ANNOUNCED,
              matchExpressions: [{ key: WHICH, operator: "In", values: told.map(({ name }) => name) }],
          };
}

function named(name: string, first: string): { name: string; suffix: string } {
    return name === first ? { name, suffix: "" } : { name: `bgp-${name}`, suffix: `-${name}` };
}

/** What single nodes do differently, in whichever instances they speak. */
export function nodeOverrides(bgp: Bgp): Named[] {
    const instances = instancesOf(bgp);
    const nodes = new Set(instances.flatMap(({ nodes: overridden = {} }) => Object.keys(overridden)));
    return [...nodes].map((node) => ({
        name: node,
        suffix: `-${node}`,
        spec: {
            bgpInstances: instances.flatMap((instance) => {
                const override = instance.nodes?.[node];
                return override === undefined ? [] : [nodeOverride(instance, override)];
            }),
        },
    }));
}

/** A session's source address belongs to the session: each neighbour of its family gets it. */
function nodeOverride(instance: Instance, { routerId, localAddress, localPort, localASN }: BgpNode) {
    const peers = localAddress === undefined ? [] : peersReachedFrom(localAddress, instance);
    return defined({
        name: instance.name,
        routerID: routerId,
        localPort,
        localASN,
        peers: peers.length === 0 ? undefined : peers.map((name) => ({ name, localAddress })),
    });
}

type BgpNode = NonNullable<Instance["nodes"]>[string];

/** An absent selector would select no Service; this is a condition that holds for all. */
const EVERY_SERVICE = {
    matchExpressions: [{ key: "multicluster/announce", operator: "NotIn", values: ["never"] }],
} as const;

/** The times are written out, so that sessions with the same ones look the same. */
function peerConfig(
    peer: BgpPeer,
    families: Families,
    secret: string | undefined,
    told: Record<string, unknown>,
): Record<string, unknown> {
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
            advertisements: told,
        })),
    });
}

function attributesOf({ communities = [], localPreference }: Advertisement): {
    attributes?: Record<string, unknown>;
} {
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
