import { z } from "zod";

import { contains, parseAddress, parseRange } from "../../../model/net/range.ts";
import { SELECTOR, selects } from "../kubelet/announcing/selector.ts";
import { METADATA, networkOf, nodeNamed, Objects, passwordIn, servicesOf } from "./objects.ts";
import { familyOf, merged, type Family, type Route, type Session, type Speaker } from "./speaker.ts";

/** What FRR takes where nothing is said; MetalLB cannot say it. */
const FRR = { ebgpMultihop: 255, restartTime: 120 } as const;

const seconds = z
    .string()
    .regex(/^(\d+h)?(\d+m)?(\d+s)?$/)
    .transform((text) =>
        [...text.matchAll(/(\d+)([hms])/g)].reduce(
            (sum, [, count, unit]) => sum + Number(count) * (unit === "h" ? 3600 : unit === "m" ? 60 : 1),
            0,
        ),
    );

/*
 * Fields that are not read here are refused, so that no field of an object stays unseen. Defaults are those of MetalLB's CRDs.
 * https://metallb.io/apis/
 */
const PEER = z.object({
    metadata: METADATA,
    spec: z.strictObject({
        myASN: z.number(),
        peerASN: z.number(),
        peerAddress: z.string(),
        peerPort: z.number().default(179),
        holdTime: seconds,
        keepaliveTime: seconds,
        connectTime: seconds,
        ebgpMultiHop: z.boolean().default(false),
        enableGracefulRestart: z.boolean().default(false),
        dualStackAddressFamily: z.boolean().default(false),
        disableMP: z.literal(false).optional(),
        bfdProfile: z.string().optional(),
        passwordSecret: z
            .strictObject({ name: z.string().optional(), namespace: z.string().optional() })
            .default({}),
        nodeSelectors: z.array(SELECTOR).default([]),
    }),
});

type Peer = z.infer<typeof PEER>;

const PROFILE = z.object({ metadata: METADATA });
const POOL = z.object({ metadata: METADATA, spec: z.object({ addresses: z.array(z.string()) }) });
const COMMUNITY = z.object({
    spec: z.strictObject({
        communities: z.array(z.strictObject({ name: z.string(), value: z.string() })),
    }),
});

const ADVERTISEMENT = z.object({
    metadata: METADATA,
    spec: z.strictObject({
        ipAddressPools: z.array(z.string()),
        peers: z.array(z.string()).default([]),
        aggregationLength: z.number().default(32),
        aggregationLengthV6: z.number().default(128),
        localPref: z.number().optional(),
        communities: z.array(z.string()).default([]),
        serviceSelectors: z.array(SELECTOR).default([]),
    }),
});

type Advertisement = z.infer<typeof ADVERTISEMENT>["spec"];

/** How MetalLB's speaker on a node speaks. Nothing comes of a node that no neighbour is for. */
export function speakersOfMetalLb(objects: Objects, node: string): Speaker[] {
    const { address, labels } = nodeNamed(node, objects);
    const peers = objects
        .all("BGPPeer", PEER)
        .filter(
            ({ spec }) =>
                spec.nodeSelectors.length === 0 ||
                spec.nodeSelectors.some((selector) => selects(selector, labels)),
        );
    return [...Map.groupBy(peers, ({ spec }) => spec.myASN)].map(([asn, group]) => ({
        node,
        address,
        asn,
        routerId: address,
        sessions: group.map((peer) => sessionOf(objects, peer)),
    }));
}

function sessionOf(objects: Objects, { metadata, spec }: Peer): Session {
    const { name } = metadata;
    const by = `the BGPPeer ${name}`;
    const { passwordSecret, bfdProfile } = spec;
    // GoBGP speaks no BFD: that the profile is there is all that is looked at.
    if (bfdProfile !== undefined) objects.named("BFDProfile", PROFILE, { name: bfdProfile, by });
    const families: Family[] = spec.dualStackAddressFamily ? ["ipv4", "ipv6"] : [familyOf(spec.peerAddress)];
    return {
        name,
        address: spec.peerAddress,
        asn: spec.peerASN,
        port: spec.peerPort,
        ...(passwordSecret.name === undefined
            ? {}
            : {
                  password: passwordIn(objects, {
                      name: passwordSecret.name,
                      namespace: passwordSecret.namespace ?? metadata.namespace ?? "",
                      by,
                      type: "kubernetes.io/basic-auth",
                  }),
              }),
        ttl: spec.ebgpMultiHop ? FRR.ebgpMultihop : 1,
        holdTime: spec.holdTime,
        keepAliveTime: spec.keepaliveTime,
        connectRetryTime: spec.connectTime,
        ...(spec.enableGracefulRestart ? { restartTime: FRR.restartTime } : {}),
        families,
        routes: merged(routesFor(objects, name).filter(({ prefix }) => families.includes(familyOf(prefix)))),
    };
}

function routesFor(objects: Objects, peer: string): Route[] {
    return objects
        .all("BGPAdvertisement", ADVERTISEMENT)
        .filter(({ spec }) => spec.peers.length === 0 || spec.peers.includes(peer))
        .flatMap(({ spec }) => routesOf(objects, spec));
}

function routesOf(objects: Objects, spec: Advertisement): Route[] {
    const communities = spec.communities.map((name) => communityOf(objects, name));
    return servicesOf(objects)
        .filter(
            ({ labels }) =>
                spec.serviceSelectors.length === 0 ||
                spec.serviceSelectors.some((selector) => selects(selector, labels)),
        )
        .flatMap(({ loadBalancerIPs }) => loadBalancerIPs)
        .filter((address) => isInPools(objects, address, spec.ipAddressPools))
        .map((address) => ({
            prefix: networkOf(address, { ipv4: spec.aggregationLength, ipv6: spec.aggregationLengthV6 }),
            communities: communities.filter((text) => !text.startsWith(LARGE)),
            largeCommunities: communities
                .filter((text) => text.startsWith(LARGE))
                .map((text) => text.slice(LARGE.length)),
            ...(spec.localPref === undefined ? {} : { localPreference: spec.localPref }),
        }));
}

const LARGE = "large:";

function communityOf(objects: Objects, name: string): string {
    const aliases = objects.all("Community", COMMUNITY).flatMap(({ spec }) => spec.communities);
    const value = aliases.find((alias) => alias.name === name)?.value;
    if (value === undefined) throw new Error(`there is no community ${name}, which a BGPAdvertisement names`);
    return value;
}

function isInPools(objects: Objects, address: string, pools: readonly string[]): boolean {
    const one = parseAddress(address);
    return pools
        .flatMap(
            (name) => objects.named("IPAddressPool", POOL, { name, by: "a BGPAdvertisement" }).spec.addresses,
        )
        .some((text) => {
            const range = parseRange(text);
            return (
                one !== undefined &&
                range !== undefined &&
                range.family === one.family &&
                contains(range, one)
            );
        });
}
