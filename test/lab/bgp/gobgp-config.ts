import { familyOf, type Route, type Session, type Speaker } from "./speaker.ts";

/**
 * What gobgpd is told so that it speaks as a node does: sessions with their parameters, and for each neighbour the routes that
 * it may have, with their attributes. Cilium's agent, which has GoBGP inside, does the same.
 *
 * @see https://github.com/osrg/gobgp/blob/master/docs/sources/configuration.md
 */
export function gobgpConfig({ asn, routerId, port, sessions }: Speaker) {
    const told = sessions.flatMap((session) => session.routes.map((route) => ({ session, route })));
    return {
        global: {
            // Without a port it does not listen.
            config: { as: asn, "router-id": routerId, port: port ?? -1 },
            "apply-policy": {
                config: {
                    "export-policy-list": told.length === 0 ? [] : [TOLD],
                    "default-export-policy": "reject-route",
                },
            },
        },
        neighbors: sessions.map((session) => neighbor(session, asn)),
        "defined-sets": {
            "neighbor-sets": sessions.map(({ name, address }) => ({
                "neighbor-set-name": name,
                "neighbor-info-list": [address],
            })),
            "prefix-sets": told.map(({ session, route }) => ({
                "prefix-set-name": setName(session, route),
                "prefix-list": [{ "ip-prefix": route.prefix }],
            })),
        },
        "policy-definitions": [
            { name: TOLD, statements: told.map(({ session, route }) => statement(session, route)) },
        ],
    };
}

const TOLD = "told";

function neighbor(session: Session, asn: number) {
    const { address, port, password, ttl, restartTime, families, localAddress } = session;
    const isExternal = session.asn !== asn;
    return {
        config: {
            "neighbor-address": address,
            "peer-as": session.asn,
            ...(password === undefined ? {} : { "auth-password": password }),
        },
        timers: {
            config: {
                "hold-time": session.holdTime,
                "keepalive-interval": session.keepAliveTime,
                "connect-retry": session.connectRetryTime,
            },
        },
        transport: {
            config: {
                "remote-port": port,
                ...(localAddress === undefined ? {} : { "local-address": localAddress }),
            },
        },
        ...(isExternal && ttl > 1
            ? { "ebgp-multihop": { config: { enabled: true, "multihop-ttl": ttl } } }
            : {}),
        ...(restartTime === undefined
            ? {}
            : { "graceful-restart": { config: { enabled: true, "restart-time": restartTime } } }),
        "afi-safis": families.map((family) => ({
            config: { "afi-safi-name": `${family}-unicast` },
            ...(restartTime === undefined ? {} : { "mp-graceful-restart": { config: { enabled: true } } }),
        })),
    };
}

function statement(session: Session, route: Route) {
    const { communities, largeCommunities, localPreference } = route;
    return {
        name: setName(session, route),
        conditions: {
            "match-neighbor-set": { "neighbor-set": session.name },
            "match-prefix-set": { "prefix-set": setName(session, route) },
            "bgp-conditions": { "afi-safi-in-list": [`${familyOf(route.prefix)}-unicast`] },
        },
        actions: {
            "route-disposition": "accept-route",
            "bgp-actions": {
                ...(communities.length === 0 ? {} : { "set-community": added(communities, "community") }),
                ...(largeCommunities.length === 0
                    ? {}
                    : { "set-large-community": added(largeCommunities, "large-community") }),
                ...(localPreference === undefined ? {} : { "set-local-pref": localPreference }),
            },
        },
    };
}

function added(communities: readonly string[], kind: "community" | "large-community") {
    return { options: "add", [`set-${kind}-method`]: { "communities-list": communities } };
}

function setName({ name }: Session, { prefix }: Route): string {
    return `${name} ${prefix}`;
}
