/*
 * The charts ignore a key they do not know without a word. So every key that this program sets is looked up in the list of
 * what each minor version knows, over many combinations of options.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { CiliumArgs } from "../../../components/cilium/cilium.ts";
import { ciliumValues } from "../../../components/cilium/values.ts";
import type { JsonValue } from "../../../model/resolved.ts";
import { isKnownValue } from "../../../model/support/cilium-values.ts";
import { minorOf } from "../../../model/support/version.ts";
import { full, plain, VERSIONS } from "./fixtures.ts";

/** The paths of all leaves of a map. */
function leaves(value: JsonValue, keys: readonly string[] = []): string[][] {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return [[...keys]];
    return Object.entries(value).flatMap(([key, item]) => leaves(item, [...keys, key]));
}

function unknownIn(args: CiliumArgs): string[] {
    return leaves(ciliumValues(args))
        .filter((keys) => !isKnownValue(keys, minorOf(args.version)))
        .map((keys) => keys.join("."));
}

const addresses = fc.constantFrom(
    ["192.168.20.200"],
    ["mesh.example.net"],
    ["fd00::1"],
    ["192.168.20.1", "192.168.20.2"],
);
const loadBalancer = (minor: number) =>
    fc.record({
        provider: fc.constantFrom("metallb" as const, "lb-ipam" as const),
        announce: fc.record({
            mode: fc.constantFrom("l2" as const, "bgp" as const, "none" as const),
            advertise: fc.subarray(["LoadBalancerIP", "ClusterIP", "PodCIDR"]),
            routerIds: fc.constantFrom(undefined, minor >= 18 ? "10.255.0.0/24" : undefined),
            lease: fc.constantFrom(undefined, { durationSeconds: 9 }),
            services: fc.constantFrom(undefined, 500),
        }),
    });

/** Options in any combination; what the version does not have is left out, as the component demands. */
function options(version: string): fc.Arbitrary<CiliumArgs> {
    const minor = minorOf(version);
    const boolean = fc.boolean();
    const meshApi: fc.Arbitrary<CiliumArgs["meshApi"]> = fc.oneof(
        fc.record({
            type: fc.constant("NodePort" as const),
            replicas: fc.integer({ min: 1, max: 3 }),
            port: fc.constant(32380),
        }),
        fc.record({
            type: fc.constant("LoadBalancer" as const),
            replicas: fc.integer({ min: 1, max: 3 }),
            address: fc.constant("192.168.10.200"),
            pool: fc.constant("mesh"),
            sourceRanges: fc.constantFrom<string[]>([], minor >= 17 ? ["10.0.0.0/8"] : []),
            annotations: fc.constantFrom<Record<string, string>>({}, { "example.net/a.b": "c" }),
            port: fc.constant(2379 as const),
        }),
    );
    return fc
        .record({
            podCidrs: fc.constantFrom(["10.10.0.0/16"], ["fd00:10::/56"], ["10.10.0.0/16", "fd00:10::/56"]),
            clusterDomain: fc.constantFrom(undefined, "east.local"),
            routing: fc.constantFrom<CiliumArgs["routing"]>(
                { mode: "tunnel", protocol: "geneve" },
                { mode: "native", autoDirectNodeRoutes: true, endpointRoutes: false },
                {
                    mode: "native",
                    ipv4NativeRoutingCIDR: "10.0.0.0/8",
                    ipv6NativeRoutingCIDR: "fd00::/16",
                    autoDirectNodeRoutes: false,
                    endpointRoutes: true,
                },
            ),
            encryption: fc.constantFrom<CiliumArgs["encryption"]>(
                { type: "none" },
                { type: "ipsec" },
                { type: "ipsec", keepOldKey: "15m" },
                { type: "wireguard" },
                { type: "wireguard", nodeEncryption: true, strictEgressCidr: "10.0.0.0/8" },
            ),
            ipam: fc.constantFrom("kubernetes" as const, "cluster-pool" as const),
            masquerade: fc.constantFrom("bpf" as const, "iptables" as const, "none" as const),
            egressGateway: boolean,
            serviceLoadBalancing: fc.constantFrom<CiliumArgs["serviceLoadBalancing"]>(
                undefined,
                {},
                { mode: "hybrid", dispatch: "geneve", algorithm: "maglev", maglevTableSize: 251 },
                { acceleration: "best-effort" },
            ),
            devices: fc.constantFrom(undefined, ["eth0", "ens+"]),
            bandwidthManager: fc.constantFrom(undefined, {}, { bbr: true }),
            nat46x64: boolean,
            hubble: fc.record({
                enabled: boolean,
                relay: boolean,
                ui: boolean,
                metrics: fc.subarray(["dns", "drop"]),
            }),
            certgen: fc.constantFrom(
                undefined,
                { validityHours: 8_760 },
                {
                    validityHours: 8_760,
                    extraServerNames: { dnsNames: ["mesh.example.net"], ipAddresses: ["192.168.10.200"] },
                },
            ),
            endpointSliceSynchronization: boolean,
            mcsApi: boolean,
            policyDefaultLocalCluster: fc.constantFrom(undefined, minor >= 18 ? true : undefined),
            meshDomain: fc.constantFrom(undefined, "mesh.example.net"),
            cacheTTL: fc.constantFrom(undefined, minor >= 19 ? "10m" : undefined),
            authMode: fc.constantFrom("legacy" as const, "migration" as const, "cluster" as const),
            upgradeCompatibility: fc.constantFrom(undefined, "1.16"),
            mutualAuthentication: boolean,
            meshApi,
            loadBalancers: fc.array(loadBalancer(minor), { maxLength: 2 }),
            peers: fc
                .array(addresses, { maxLength: 3 })
                .map((all) => all.map((some, n) => ({ name: `peer-${n}`, addresses: some, port: 2379 }))),
        })
        .map((over) => plain(version, over));
}

describe.each(VERSIONS)("the values for Cilium %s", (version) => {
    it("are all known to it, with nothing on and with everything on", () => {
        expect(unknownIn(plain(version))).toEqual([]);
        expect(unknownIn(full(version))).toEqual([]);
    });

    it("are all known to it, with any options", () => {
        fc.assert(
            fc.property(options(version), (args) => {
                expect(unknownIn(args)).toEqual([]);
            }),
            { numRuns: 200 },
        );
    });
});

describe("the list of known values", () => {
    it("tells a key of one version from a key of another", () => {
        const of1_20 = full("1.20.2");
        expect(unknownIn({ ...of1_20, version: "1.19.6" })).toEqual([]);
        expect(
            leaves(ciliumValues(of1_20))
                .filter((keys) => !isKnownValue(keys, 16))
                .map((keys) => keys.join(".")),
        ).toEqual([
            "encryption.strictMode.egress.enabled",
            "encryption.strictMode.egress.cidr",
            "encryption.strictMode.egress.allowRemoteNodeIdentities",
            "clustermesh.mcsapi.enabled",
            "clustermesh.policyDefaultLocalCluster",
            "clustermesh.cacheTTL",
            "clustermesh.disableKubernetesHostAliases",
            "clustermesh.apiserver.service.loadBalancerSourceRanges",
        ]);
    });
});
