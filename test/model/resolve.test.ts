import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { contains, parseAddress, parseRange } from "../../model/net/range.ts";
import { resolveMesh } from "../../model/resolve.ts";
import { neededKeyFiles, neededSecrets } from "../../model/secrets.ts";
import { hostKeyOf, oneCluster, twoClusters, type TwoClusters } from "../support/mesh.ts";

function resolved(change: (mesh: TwoClusters) => void = () => undefined) {
    const mesh = twoClusters();
    change(mesh);
    const [east, west] = resolveMesh(mesh).clusters;
    if (east === undefined || west === undefined) throw new Error("two clusters expected");
    return { east, west };
}

it("fills in every default", () => {
    const { east } = resolved();
    expect(east).toEqual({
        name: "east",
        id: 1,
        podCidrs: ["10.10.0.0/16"],
        serviceCidrs: ["10.11.0.0/16"],
        nodeCidrs: ["192.168.10.0/24"],
        clusterDomain: "cluster.local",
        api: { address: "192.168.10.11", fixed: false },
        rke2: {
            version: "v1.35.7+rke2r1",
            installUrl: "https://get.rke2.io",
            install: { method: "tar" },
            config: {},
            host: {
                prepare: true,
                firewalld: "off",
                trustedCidrs: ["192.168.10.0/24", "192.168.20.0/24"],
                ignore: [],
            },
            rollout: { agentsAtOnce: 10, evict: "cordon", drainSeconds: 600 },
            tokenGeneration: 1,
            certificateGeneration: 1,
            upgradeBy: "ssh",
        },
        servers: [
            {
                name: "east-1",
                role: "server",
                addresses: ["192.168.10.11"],
                labels: {},
                taints: [],
                config: {},
                lost: false,
                ssh: {
                    host: "192.168.10.11",
                    port: 22,
                    user: "root",
                    auth: { agent: true },
                    hostKey: hostKeyOf("east-1"),
                },
            },
        ],
        agents: [
            {
                name: "east-2",
                role: "agent",
                addresses: ["192.168.10.12"],
                labels: {},
                taints: [],
                config: {},
                lost: false,
                ssh: {
                    host: "192.168.10.12",
                    port: 22,
                    user: "root",
                    auth: { agent: true },
                    hostKey: hostKeyOf("east-2"),
                },
            },
        ],
        cilium: {
            version: "1.19.6",
            chart: { repository: "https://helm.cilium.io/" },
            routing: { mode: "tunnel", protocol: "vxlan" },
            encryption: { type: "none" },
            ipam: "kubernetes",
            masquerade: "bpf",
            egressGateway: false,
            hubble: { enabled: false, relay: false, ui: false, metrics: [] },
            operatorReplicas: 2,
            endpointSliceSynchronization: false,
            mcsApi: false,
            policyDefaultLocalCluster: true,
            authMode: "migration",
            mutualAuthentication: false,
            values: {},
        },
        meshApi: {
            type: "LoadBalancer",
            replicas: 1,
            address: "192.168.10.200",
            pool: "mesh",
            sourceRanges: [],
            annotations: {},
            port: 2379,
        },
        loadBalancers: [
            {
                at: "loadBalancer",
                provider: "metallb",
                pools: [{ name: "mesh", addresses: ["192.168.10.200-192.168.10.219"], autoAssign: true }],
                announce: { mode: "l2" },
                metalLb: { version: "0.16.1", chart: { repository: "https://metallb.github.io/metallb" } },
            },
        ],
        overridden: [],
        peers: [{ name: "west", id: 2, addresses: ["192.168.20.200"], port: 2379 }],
    });
});

it("is plain data", () => {
    const mesh = resolveMesh(twoClusters());
    expect(JSON.parse(JSON.stringify(mesh))).toEqual(mesh);
});

describe("what a cluster says differently", () => {
    it("wins over the mesh, key by key", () => {
        const { east, west } = resolved((mesh) => {
            mesh.ssh = { user: "ops", port: 2222 };
            mesh.rke2.config = { debug: true };
            mesh.cilium.values = { debug: { enabled: true, verbose: "flow" } };
            mesh.clusters.east.ssh = { user: "rocky" };
            mesh.clusters.east.rke2 = { version: "v1.34.10+rke2r1", config: { selinux: true } };
            mesh.clusters.east.cilium = { version: "1.18.11", values: { debug: { verbose: "kvstore" } } };
        });
        expect(east.servers[0]?.ssh).toMatchObject({ user: "rocky", port: 2222 });
        expect(west.servers[0]?.ssh).toMatchObject({ user: "ops", port: 2222 });
        expect(east.rke2).toMatchObject({
            version: "v1.34.10+rke2r1",
            config: { debug: true, selinux: true },
        });
        expect(east.cilium).toMatchObject({
            version: "1.18.11",
            authMode: "legacy",
            values: { debug: { enabled: true, verbose: "kvstore" } },
        });
        expect(west.cilium.values).toEqual({ debug: { enabled: true, verbose: "flow" } });
    });

    it("does not count where it says nothing", () => {
        const { east } = resolved((mesh) => {
            mesh.clusters.east.cilium = { version: undefined };
        });
        expect(east.cilium.version).toBe("1.19.6");
    });
});

describe("the mesh API's address", () => {
    it.each([
        ["192.168.10.192/27", "192.168.10.193"],
        ["192.168.10.200-192.168.10.219", "192.168.10.200"],
        ["192.168.10.200", "192.168.10.200"],
        ["192.168.10.200/32", "192.168.10.200"],
        ["fd00:10::/64", "fd00:10::1"],
    ])("is the first one that a host can have: of %s, %s", (range, address) => {
        const { east } = resolved(({ clusters }) => {
            clusters.east.loadBalancer = { provider: "lb-ipam", pools: { mesh: [range] } };
        });
        expect(east.meshApi).toMatchObject({ address });
    });

    it("lies in its pool, is nobody else's, and stays when a cluster is appended", () => {
        const ids = fc.uniqueArray(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 20 });
        fc.assert(
            fc.property(ids, (members) => {
                const addressesOf = (some: readonly number[]) =>
                    resolveMesh({
                        ...twoClusters(),
                        clusters: Object.fromEntries(some.map((id) => [`c${id}`, oneCluster(id, `c${id}`)])),
                    }).clusters.map(({ meshApi, loadBalancers }) => {
                        const pool = parseRange(loadBalancers[0]?.pools[0]?.addresses[0] ?? "");
                        const address =
                            meshApi.type === "LoadBalancer" ? parseAddress(meshApi.address) : undefined;
                        expect(pool !== undefined && address !== undefined && contains(pool, address)).toBe(
                            true,
                        );
                        return address?.text;
                    });
                const all = addressesOf(members);
                expect(new Set(all).size).toBe(all.length);
                expect(all.slice(0, -1)).toEqual(addressesOf(members.slice(0, -1)));
            }),
        );
    });
});

describe("peers", () => {
    const peersBy = (hubs: string[] | undefined) =>
        Object.fromEntries(
            resolveMesh({
                ...twoClusters(),
                clusters: { a: oneCluster(1, "a"), b: oneCluster(2, "b"), c: oneCluster(3, "c") },
                mesh: hubs === undefined ? { topology: "full" } : { topology: "hubs", hubs },
            }).clusters.map(({ name, peers }) => [name, peers.map((peer) => peer.name)]),
        );

    it("are all others in a full mesh", () => {
        expect(peersBy(undefined)).toEqual({ a: ["b", "c"], b: ["a", "c"], c: ["a", "b"] });
    });

    it("are the hubs for others, and everyone for hubs", () => {
        expect(peersBy(["b"])).toEqual({ a: ["b"], b: ["a", "c"], c: ["b"] });
    });

    it("are reached at their servers where the mesh API is a node port", () => {
        const { west } = resolved(({ clusters }) => {
            clusters.east.meshApi = { type: "NodePort", nodePort: 32100 };
        });
        expect(west.peers).toEqual([{ name: "east", id: 1, addresses: ["192.168.10.11"], port: 32100 }]);
    });
});

it("lists the secrets and key files that a mesh names, each once", () => {
    const mesh = twoClusters();
    mesh.ssh = {
        auth: { privateKey: fromConfig("sshKey"), passphrase: fromConfig("sshPassphrase") },
        jumpHost: { host: "jump.example.net", auth: { privateKeyFile: "~/.ssh/jump" } },
    };
    mesh.cilium.encryption = { type: "ipsec", key: fromConfig("ipsecKey") };
    mesh.clusters.east.token = fromConfig("eastToken");
    mesh.clusters.east.announce = {
        mode: "bgp",
        localASN: 65001,
        peers: {
            a: { address: "192.168.10.2", asn: 65000, password: fromConfig("routerPassword") },
            b: { address: "192.168.10.3", asn: 65000, password: fromConfig("routerPassword") },
        },
    };
    expect(neededSecrets(resolveMesh(mesh))).toEqual([
        { key: "sshKey", kind: "private key", path: "clusters.east.ssh.auth.privateKey" },
        { key: "sshPassphrase", kind: "text", path: "clusters.east.ssh.auth.passphrase" },
        { key: "eastToken", kind: "text", path: "clusters.east.token" },
        { key: "ipsecKey", kind: "IPsec key", path: "clusters.east.cilium.encryption.key" },
        { key: "routerPassword", kind: "text", path: "clusters.east.announce.peers.a.password" },
    ]);
    expect(neededKeyFiles(resolveMesh(mesh))).toEqual([
        { file: "~/.ssh/jump", path: "clusters.east.ssh.jumpHost.auth.privateKeyFile" },
    ]);
});

it("takes an upgrade of Cilium for one in the order of the description, where no other is said", () => {
    const upgradeOf = (upgrade: TwoClusters["cilium"]["upgrade"]) => {
        const mesh = twoClusters();
        if (upgrade !== undefined) mesh.cilium.upgrade = upgrade;
        return resolveMesh(mesh).ciliumUpgrade;
    };
    expect(upgradeOf(undefined)).toBeUndefined();
    expect(upgradeOf({ from: "1.18" })).toEqual({ from: "1.18", order: ["east", "west"], notesRead: false });
    const said = { from: "1.18", order: ["west", "east"], notesRead: true };
    expect(upgradeOf(said)).toEqual(said);
});
