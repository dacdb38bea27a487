import { z } from "zod";

import { parseCommunity, toPair } from "../../../model/support/community.ts";
import { SELECTOR, selects } from "../kubelet/announcing/selector.ts";
import { METADATA, networkOf, nodeNamed, Objects, passwordIn, servicesOf } from "./objects.ts";
import { familyOf, merged, type Route, type Session, type Speaker } from "./speaker.ts";

/*
 * Fields that are not read here are refused, so that no field of an object stays unseen. Defaults are those of Cilium's CRDs.
 * https://docs.cilium.io/en/stable/network/bgp-control-plane/bgp-control-plane-configuration/
 */
const CLUSTER_CONFIG = z.object({
    metadata: METADATA,
    spec: z.strictObject({
        nodeSelector: SELECTOR.optional(),
        bgpInstances: z.array(
            z.strictObject({
                name: z.string(),
                localASN: z.number(),
                localPort: z.number().optional(),
                peers: z
                    .array(
                        z.strictObject({
                            name: z.string(),
                            peerAddress: z.string(),
                            peerASN: z.number(),
                            peerConfigRef: z.strictObject({ name: z.string() }),
                        }),
                    )
                    .default([]),
            }),
        ),
    }),
});

const NODE_OVERRIDE = z.object({
    metadata: METADATA,
    spec: z.strictObject({
        bgpInstances: z.array(
            z.strictObject({
                name: z.string(),
                routerID: z.string().optional(),
                localASN: z.number().optional(),
                localPort: z.number().optional(),
                peers: z
                    .array(z.strictObject({ name: z.string(), localAddress: z.string().optional() }))
                    .default([]),
            }),
        ),
    }),
});

const TIMERS = z.strictObject({
    connectRetryTimeSeconds: z.number().default(120),
    holdTimeSeconds: z.number().default(90),
    keepAliveTimeSeconds: z.number().default(30),
});

const PEER_CONFIG = z.object({
    metadata: METADATA,
    spec: z.strictObject({
        authSecretRef: z.string().optional(),
        ebgpMultihop: z.number().default(1),
        timers: TIMERS.default(TIMERS.parse({})),
        gracefulRestart: z
            .strictObject({ enabled: z.boolean(), restartTimeSeconds: z.number().default(120) })
            .optional(),
        transport: z.strictObject({ peerPort: z.number().default(179) }).default({ peerPort: 179 }),
        families: z.array(
            z.strictObject({
                afi: z.enum(["ipv4", "ipv6"]),
                safi: z.literal("unicast"),
                advertisements: SELECTOR.optional(),
            }),
        ),
    }),
});

type Family = z.infer<typeof PEER_CONFIG>["spec"]["families"][number];

const ADVERTISEMENT = z.object({
    metadata: METADATA,
    spec: z.strictObject({
        advertisements: z.array(
            z.strictObject({
                advertisementType: z.literal("Service"),
                service: z.strictObject({
                    addresses: z.array(z.enum(["LoadBalancerIP", "ExternalIP"])),
                    aggregationLengthIPv4: z.number().default(32),
                    aggregationLengthIPv6: z.number().default(128),
                }),
                selector: SELECTOR.optional(),
                attributes: z
                    .strictObject({
                        communities: z
                            .strictObject({
                                standard: z.array(z.string()).default([]),
                                large: z.array(z.string()).default([]),
                                wellKnown: z.array(z.string()).default([]),
                            })
                            .optional(),
                        localPreference: z.number().optional(),
                    })
                    .optional(),
            }),
        ),
    }),
});

type Part = z.infer<typeof ADVERTISEMENT>["spec"]["advertisements"][number];

/** How Cilium's agent on a node speaks: one speaker for each instance that the node has. */
export function speakersOfCilium(
    objects: Objects,
    node: string,
    secretsNamespace = "kube-system",
): Speaker[] {
    const { address, labels } = nodeNamed(node, objects);
    const configs = objects
        .all("CiliumBGPClusterConfig", CLUSTER_CONFIG)
        .filter(({ spec }) => selects(spec.nodeSelector, labels));
    const overrides = objects
        .all("CiliumBGPNodeConfigOverride", NODE_OVERRIDE)
        .filter(({ metadata }) => metadata.name === node);
    return configs.flatMap(({ metadata, spec }) =>
        spec.bgpInstances.map((instance) => {
            const override = overrides
                .flatMap((object) => object.spec.bgpInstances)
                .find(({ name }) => name === instance.name);
            const port = override?.localPort ?? instance.localPort;
            return {
                node,
                address,
                asn: override?.localASN ?? instance.localASN,
                routerId: override?.routerID ?? address,
                ...(port === undefined ? {} : { port }),
                sessions: instance.peers.map(({ name, peerAddress, peerASN, peerConfigRef }) => {
                    const source = override?.peers.find((peer) => peer.name === name)?.localAddress;
                    return {
                        name,
                        address: peerAddress,
                        asn: peerASN,
                        ...(source === undefined ? {} : { localAddress: source }),
                        ...sessionOf(objects, secretsNamespace, {
                            name: peerConfigRef.name,
                            by: `the CiliumBGPClusterConfig ${metadata.name}`,
                        }),
                    };
                }),
            };
        }),
    );
}

function sessionOf(
    objects: Objects,
    namespace: string,
    ref: { readonly name: string; readonly by: string },
): Omit<Session, "name" | "address" | "asn" | "localAddress"> {
    const { spec } = objects.named("CiliumBGPPeerConfig", PEER_CONFIG, ref);
    const { authSecretRef, ebgpMultihop, timers, gracefulRestart, transport, families } = spec;
    const by = `the CiliumBGPPeerConfig ${ref.name}`;
    return {
        port: transport.peerPort,
        ...(authSecretRef === undefined
            ? {}
            : { password: passwordIn(objects, { name: authSecretRef, namespace, by }) }),
        ttl: ebgpMultihop,
        holdTime: timers.holdTimeSeconds,
        keepAliveTime: timers.keepAliveTimeSeconds,
        connectRetryTime: timers.connectRetryTimeSeconds,
        ...(gracefulRestart?.enabled === true ? { restartTime: gracefulRestart.restartTimeSeconds } : {}),
        families: families.map(({ afi }) => afi),
        routes: merged(families.flatMap((family) => routesOf(objects, family))),
    };
}

/** What the advertisements that a family's selector finds say of the Services that theirs select. */
function routesOf(objects: Objects, { afi, advertisements }: Family): Route[] {
    // Where there is no selector, Cilium's agent advertises nothing.
    if (advertisements === undefined) return [];
    return objects
        .all("CiliumBGPAdvertisement", ADVERTISEMENT)
        .filter(({ metadata }) => selects(advertisements, metadata.labels))
        .flatMap(({ spec }) => spec.advertisements.flatMap((part) => routesOfPart(objects, part)))
        .filter(({ prefix }) => familyOf(prefix) === afi);
}

function routesOfPart(objects: Objects, { service, selector, attributes }: Part): Route[] {
    const { standard = [], large = [], wellKnown = [] } = attributes?.communities ?? {};
    const localPreference = attributes?.localPreference;
    // Here, too, no selector selects nothing.
    const selected = servicesOf(objects).filter(
        ({ name, namespace, labels }) =>
            selector !== undefined &&
            selects(selector, {
                ...labels,
                "io.kubernetes.service.name": name,
                "io.kubernetes.service.namespace": namespace,
            }),
    );
    const addresses = selected.flatMap(({ loadBalancerIPs, externalIPs }) => [
        ...(service.addresses.includes("LoadBalancerIP") ? loadBalancerIPs : []),
        ...(service.addresses.includes("ExternalIP") ? externalIPs : []),
    ]);
    return addresses.map((address) => ({
        prefix: networkOf(address, {
            ipv4: service.aggregationLengthIPv4,
            ipv6: service.aggregationLengthIPv6,
        }),
        communities: [...standard, ...wellKnown].map(pairOf),
        largeCommunities: large,
        ...(localPreference === undefined ? {} : { localPreference }),
    }));
}

function pairOf(community: string): string {
    if (parseCommunity(community) === undefined) throw new Error(`"${community}" is no community`);
    return toPair(community);
}
