/* What the rules say of a cluster that is there already, whose nodes nobody has described. */
import { expect, it } from "vitest";

import type { ClusterDescription } from "../../../model/describe.ts";
import { resolveMesh } from "../../../model/resolve.ts";
import * as announcing from "../../../model/rules/announcing.ts";
import * as api from "../../../model/rules/api.ts";
import { nodePortHasAName } from "../../../model/rules/existing.ts";
import * as meshApi from "../../../model/rules/mesh-api.ts";
import * as nodes from "../../../model/rules/nodes.ts";
import * as features from "../../../model/rules/features.ts";
import * as versions from "../../../model/rules/versions.ts";
import { neededKubeconfigFiles, neededSecrets } from "../../../model/secrets.ts";
import { existingCluster, withExisting } from "../../support/existing.ts";
import { accepts, refuses } from "../../support/rules.ts";

const accept = (change?: (north: ClusterDescription) => unknown) => {
    accepts(() => undefined, { mesh: withExisting(change) });
};

it("raises nothing where nothing is wrong", () => {
    accept();
});

it("is resolved without nodes, with its API and its version", () => {
    const north = resolveMesh(
        withExisting(({ kubernetes }) => kubernetes !== undefined && (kubernetes.apiPort = 443)),
    ).clusters[2];
    expect(north).toMatchObject({
        kubernetes: { kubeconfig: { fromConfig: "northKubeconfig" }, version: "1.35" },
        api: { address: "api.north.example.net", port: 443, fixed: true },
        servers: [],
        agents: [],
        cilium: { operatorReplicas: 2 },
        rke2: { version: "v1.35", config: {} },
    });
});

it("gets nothing of the mesh's RKE2, whose rules do not speak of it", () => {
    const mesh = withExisting();
    mesh.rke2.config = { "cluster-dns": "10.11.0.10" };
    mesh.clusters.west.rke2 = { config: { "cluster-dns": "10.21.0.10" } };
    accepts(() => undefined, { mesh });
});

it("asks for its kubeconfig, and names a file's", () => {
    expect(neededSecrets(resolveMesh(withExisting()))).toEqual([
        { key: "northKubeconfig", kind: "kubeconfig", path: "clusters.north.kubernetes.kubeconfig" },
    ]);
    const byFile = resolveMesh(
        withExisting(
            (north) => (north.kubernetes = { kubeconfig: { file: "~/.kube/north" }, version: "1.35" }),
        ),
    );
    expect(neededSecrets(byFile)).toEqual([]);
    expect(neededKubeconfigFiles(byFile)).toEqual([
        { file: "~/.kube/north", path: "clusters.north.kubernetes.kubeconfig.file" },
    ]);
});

it("asks no rule about nodes that are not described", () => {
    const mesh = resolveMesh(
        withExisting((north) => {
            north.cilium = { operatorReplicas: 3 };
            north.announce = {
                mode: "bgp",
                localASN: 65030,
                nodeSelector: { matchLabels: { edge: "yes" } },
                peers: { tor: { address: "192.168.30.1", asn: 65000 } },
                nodes: { "north-7": { localPort: 1790 } },
            };
        }),
    );
    for (const rule of [
        nodes.oddServers,
        features.operatorsHaveNodes,
        announcing.someNodeAnnounces,
        announcing.overriddenNodesExist,
    ]) {
        expect(rule(mesh)).toEqual([]);
    }
});

it("refuses a Kubernetes that its Cilium does not run on", () => {
    expect(
        refuses(versions.ciliumRunsOnKubernetes, () => undefined, {
            mesh: withExisting(({ kubernetes }) => kubernetes !== undefined && (kubernetes.version = "1.28")),
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.kubernetes.version = "1.28"
          Cilium 1.19.6 runs on Kubernetes 1.32 to 1.36, not on 1.28
          fix: have it brought to Kubernetes 1.32 to 1.36, or use Cilium 1.16"
    `);
});

it("refuses a MetalLB whose CRDs its Kubernetes refuses", () => {
    expect(
        refuses(versions.metalLbVersion, () => undefined, {
            mesh: withExisting((north) => {
                if (north.kubernetes !== undefined) north.kubernetes.version = "1.36";
                north.loadBalancer = {
                    provider: "metallb",
                    version: "0.15.2",
                    pools: { mesh: ["192.168.30.200"] },
                };
            }),
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.loadBalancer.version = "0.15.2"
          has CRDs that Kubernetes 1.36 and later refuse
          fix: use 0.16.0 or later"
    `);
});

it("refuses a mesh API at the ports of nodes that nobody knows, unless a name leads there", () => {
    const nodePort = (names?: string[]) =>
        withExisting(
            (north) => (north.meshApi = { type: "NodePort", ...(names === undefined ? {} : { names }) }),
        );
    expect(refuses(nodePortHasAName, () => undefined, { mesh: nodePort() })).toMatchInlineSnapshot(`
      "clusters.north.meshApi.type = "NodePort"
          is reached at the nodes' addresses, and those of a cluster that is there already are not described
          fix: write a name that leads to its nodes under meshApi.names, or use LoadBalancer"
    `);
    const named = resolveMesh(nodePort(["mesh.north.example.net"]));
    expect([...nodePortHasAName(named), ...meshApi.nodePortIsFragile(named)]).toEqual([]);
    expect(named.clusters[0]?.peers[1]).toEqual({
        name: "north",
        id: 3,
        addresses: ["mesh.north.example.net"],
        port: 32379,
    });
});

it.each(["localhost", "127.0.0.1"])("lets each node have its own balancer at %s", (apiAddress) => {
    const mesh = withExisting((north) => (north.apiAddress = apiAddress));
    mesh.clusters["south"] = { ...existingCluster(4), apiAddress };
    accepts(() => undefined, { mesh });
    expect(
        refuses(api.apiAddressReachable, ({ clusters }) => (clusters.east.apiAddress = apiAddress)),
    ).toContain("clusters.east.apiAddress");
});

it("refuses the API of another cluster", () => {
    expect(
        refuses(api.apiAddressNotAHost, () => undefined, {
            mesh: withExisting((north) => (north.apiAddress = "192.168.10.11")),
            others: true,
        }),
    ).toMatchInlineSnapshot(`
      "clusters.north.apiAddress = "192.168.10.11"
          is the address of clusters.east.servers.east-1, which has no API of this cluster
          fix: name a virtual address or a balancer's in front of the servers, or a DNS name"
    `);
});
