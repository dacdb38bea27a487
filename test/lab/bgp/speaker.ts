/** A node as its announcer lets it speak BGP. */
export interface Speaker {
    readonly node: string;
    /** The node's own address, where its sessions come from. */
    readonly address: string;
    readonly asn: number;
    readonly routerId: string;
    /** Where it listens. Left out: it only calls. */
    readonly port?: number;
    readonly sessions: readonly Session[];
}

export type Family = "ipv4" | "ipv6";

/** A neighbour, as a node knows it. */
export interface Session {
    readonly name: string;
    readonly address: string;
    /** 0 takes any. */
    readonly asn: number;
    readonly port: number;
    readonly localAddress?: string;
    readonly password?: string;
    /** How many hops a packet to an external neighbour may take. */
    readonly ttl: number;
    readonly holdTime: number;
    readonly keepAliveTime: number;
    readonly connectRetryTime: number;
    /** Of a graceful restart, if there is one. */
    readonly restartTime?: number;
    readonly families: readonly Family[];
    readonly routes: readonly Route[];
}

/** What a neighbour is told. */
export interface Route {
    readonly prefix: string;
    /** Each as two numbers. */
    readonly communities: readonly string[];
    /** Each as three numbers. */
    readonly largeCommunities: readonly string[];
    /** To internal neighbours. */
    readonly localPreference?: number;
}

/** The family of a prefix or an address. */
export function familyOf(text: string): Family {
    return text.includes(":") ? "ipv6" : "ipv4";
}

/** Each prefix once: one that several advertisements tell of is told with all their attributes. */
export function merged(routes: readonly Route[]): Route[] {
    return [...Map.groupBy(routes, ({ prefix }) => prefix)].map(([prefix, same]) => {
        const preferences = same.flatMap(({ localPreference }) => localPreference ?? []);
        return {
            prefix,
            communities: [...new Set(same.flatMap(({ communities }) => communities))],
            largeCommunities: [...new Set(same.flatMap(({ largeCommunities }) => largeCommunities))],
            ...(preferences.length === 0 ? {} : { localPreference: Math.max(...preferences) }),
        };
    });
}
