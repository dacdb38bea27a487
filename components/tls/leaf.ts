/*
 * The certificates of one cluster, as Cilium's charts would make them: names, Secrets and uses are what the agents, the
 * mesh API and Hubble look for.
 */
import { minorOf } from "../../model/support/version.ts";

/** The Secret of Hubble's server on every node; the chart is told its name. */
export const HUBBLE_SERVER_SECRET = "hubble-server-certs";
/** The Secret of the relay, as a client of those servers; the chart is told its name. */
export const HUBBLE_RELAY_SECRET = "hubble-relay-client-certs";
/** The Secret of the relay, as a server; the chart is told its name. */
export const HUBBLE_RELAY_SERVER_SECRET = "hubble-relay-server-certs";
/** The Secret of Hubble's page, as a client of the relay; the chart is told its name. */
export const HUBBLE_UI_SECRET = "hubble-ui-client-certs";
/** The Secret of the metrics' server on every node; the chart is told its name. */
export const HUBBLE_METRICS_SECRET = "hubble-metrics-server-certs";

/** One certificate that the mesh's CA signs, and the Secret it is kept in. */
export interface Leaf {
    /** What it is for; part of the names of its resources. */
    readonly name: LeafName;
    /** The key it is for. Two leaves share one only where whoever can read one Secret can read the other. */
    readonly keyName: Exclude<LeafName, "server" | "admin"> | "mesh-api";
    /** The Secret that the charts expect it in. */
    readonly secretName: string;
    /** The subject's common name; to the mesh API it is the user's name. */
    readonly commonName: string;
    /** The DNS names it is valid for. */
    readonly dnsNames: readonly string[];
    /** The addresses it is valid for. */
    readonly ipAddresses: readonly string[];
    /** What its key may be used for, in the words of the TLS provider. */
    readonly uses: readonly string[];
}

export type LeafName =
    | "server"
    | "admin"
    | "remote"
    | "local"
    | "hubble-server"
    | "hubble-relay"
    | "hubble-relay-server"
    | "hubble-ui"
    | "hubble-metrics";

/** Which parts of Hubble need certificates. */
export interface HubbleParts {
    /** The server on every node: wherever Hubble is on. */
    readonly server: boolean;
    /** The relay, as their client. */
    readonly relay: boolean;
    /** The relay, as a server of its own. @default false */
    readonly relayServer?: boolean;
    /** The page, as the relay's client. @default false */
    readonly ui?: boolean;
    /** The server of the metrics on every node. @default false */
    readonly metrics?: boolean;
}

/** How a cluster's peers are known to its mesh API: all as one user, both ways, or each by its name. */
export type AuthMode = "legacy" | "migration" | "cluster";

/** What decides the certificates of a cluster. */
export interface LeavesArgs {
    /** The cluster's name. */
    readonly clusterName: string;
    /** Cilium's version, as "1.19.6". From 1.20 on the mesh API's server has another name. */
    readonly ciliumVersion: string;
    /** How peers are known to the mesh API. In `cluster` mode the certificate for remote clusters carries this cluster's name. */
    readonly authMode: AuthMode;
    /** Where Cilium runs. */
    readonly namespace: string;
    /** Which parts of Hubble need certificates. */
    readonly hubble: HubbleParts;
    /** Further names and addresses at which the mesh API is reached, beside `*.mesh.cilium.io`. */
    readonly extraServerNames?: {
        readonly dnsNames?: readonly string[];
        readonly ipAddresses?: readonly string[];
    };
}

const CLIENT = ["digital_signature", "client_auth"] as const;
// etcd and Hubble also speak to themselves, with the same certificate.
const SERVER = ["digital_signature", "server_auth", "client_auth"] as const;
const RELAY_NAME = "*.hubble-relay.cilium.io";

/**
 * The certificates that a cluster needs. Those of the mesh API's server and of its admin are mounted by its own pods only, and
 * share a key; every other one has its own, since the remote, local and Hubble ones lie on every node.
 */
export function leavesOf(args: LeavesArgs): Leaf[] {
    return [
        serverLeaf(args),
        clientLeaf("admin", `admin-${args.clusterName}`),
        clientLeaf("remote", args.authMode === "cluster" ? `remote-${args.clusterName}` : "remote"),
        clientLeaf("local", `local-${args.clusterName}`),
        ...(args.hubble.server
            ? [
                  hubbleLeaf(
                      "hubble-server",
                      HUBBLE_SERVER_SECRET,
                      `*.${args.clusterName}.hubble-grpc.cilium.io`,
                      SERVER,
                  ),
              ]
            : []),
        ...(args.hubble.relay ? [hubbleLeaf("hubble-relay", HUBBLE_RELAY_SECRET, RELAY_NAME, CLIENT)] : []),
        ...(args.hubble.relayServer === true
            ? [hubbleLeaf("hubble-relay-server", HUBBLE_RELAY_SERVER_SECRET, RELAY_NAME, SERVER)]
            : []),
        ...(args.hubble.ui === true
            ? [hubbleLeaf("hubble-ui", HUBBLE_UI_SECRET, "*.hubble-ui.cilium.io", CLIENT)]
            : []),
        ...(args.hubble.metrics === true
            ? [
                  hubbleLeaf(
                      "hubble-metrics",
                      HUBBLE_METRICS_SECRET,
                      `${args.clusterName}.hubble-metrics.cilium.io`,
                      SERVER,
                  ),
              ]
            : []),
    ];
}

function serverLeaf({ ciliumVersion, namespace, extraServerNames }: LeavesArgs): Leaf {
    const service = `clustermesh-apiserver.${namespace}.svc`;
    const upTo119 = "clustermesh-apiserver.cilium.io";
    const old = minorOf(ciliumVersion) <= 19;
    return {
        name: "server",
        keyName: "mesh-api",
        secretName: "clustermesh-apiserver-server-cert",
        commonName: old ? upTo119 : service,
        dnsNames: [
            ...(old ? [upTo119] : []),
            // In any case: a mesh with a domain of its own may come from this one, or go back to it.
            "*.mesh.cilium.io",
            service,
            ...(extraServerNames?.dnsNames ?? []),
        ],
        ipAddresses: ["127.0.0.1", "::1", ...(extraServerNames?.ipAddresses ?? [])],
        uses: SERVER,
    };
}

function clientLeaf(name: "admin" | "remote" | "local", commonName: string): Leaf {
    return {
        name,
        keyName: name === "admin" ? "mesh-api" : name,
        secretName: `clustermesh-apiserver-${name}-cert`,
        commonName,
        dnsNames: [],
        ipAddresses: [],
        uses: CLIENT,
    };
}

function hubbleLeaf(
    name: Extract<LeafName, `hubble-${string}`>,
    secretName: string,
    commonName: string,
    uses: readonly string[],
): Leaf {
    return { name, keyName: name, secretName, commonName, dnsNames: [commonName], ipAddresses: [], uses };
}
