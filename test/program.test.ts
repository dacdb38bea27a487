/*
 * Rules that hold for the whole program, whatever it deploys. They are checked on what is registered: not whether a host or a
 * cluster does what it is told.
 */
import { beforeAll, describe, expect, it } from "vitest";

import { checkMesh } from "../model/check.ts";
import type { MeshDescription } from "../model/describe.ts";
import type { JsonValue } from "../model/resolved.ts";
import type { RecordedResource } from "../plan/record.ts";
import aciAdvanced from "../stacks/aci-advanced.ts";
import aciSimple from "../stacks/aci-simple.ts";
import dev from "../stacks/dev.ts";
import edge from "../stacks/edge.ts";
import lab from "../stacks/lab.ts";
import { stackNames } from "../stacks/load.ts";
import prod from "../stacks/prod.ts";
import { highlyAvailable, oneCluster, twoClusters } from "./support/mesh.ts";
import { deployed, texts, type Deployment } from "./support/program.ts";

const shipped: Readonly<Record<string, MeshDescription>> = {
    "aci-advanced": aciAdvanced,
    "aci-simple": aciSimple,
    dev,
    edge,
    lab,
    prod,
};
const RELEASE = "kubernetes:helm.sh/v3:Release";

it("ships the stacks that are tested here", async () => {
    expect(await stackNames()).toEqual(Object.keys(shipped));
});

function at(value: JsonValue | undefined, ...path: string[]): JsonValue | undefined {
    return path.reduce<JsonValue | undefined>(
        (found, key) =>
            typeof found === "object" && found !== null && !Array.isArray(found) ? found[key] : undefined,
        value,
    );
}

/** Who must be there before a resource: what it names, its parent, and its provider. */
function before({
    dependsOn,
    parent,
    provider,
}: Pick<RecordedResource, "dependsOn" | "parent" | "provider">): string[] {
    return [
        ...dependsOn,
        ...(parent === undefined ? [] : [parent]),
        ...(provider === undefined ? [] : [provider]),
    ];
}

function longestChain(resources: readonly RecordedResource[]): number {
    const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
    const known = new Map<string, number>();
    const depth = (urn: string): number => {
        const found = known.get(urn);
        if (found !== undefined) return found;
        const resource = byUrn.get(urn);
        const result = resource === undefined ? 0 : 1 + Math.max(0, ...before(resource).map(depth));
        known.set(urn, result);
        return result;
    };
    return Math.max(...resources.map(({ urn }) => depth(urn)));
}

describe.each(Object.entries(shipped))("the shipped stack %s", (_, description) => {
    let deployment: Deployment;
    beforeAll(async () => {
        deployment = await deployed(description);
    });

    it("is a mesh without a problem", () => {
        expect(checkMesh(description).problems).toEqual([]);
    });

    it("gives every resource a component as parent, but for the components on top", () => {
        const { resources } = deployment;
        const components = new Set(resources.filter(({ custom }) => !custom).map(({ urn }) => urn));
        const orphans = resources.filter(({ parent }) => parent === undefined || !components.has(parent));
        expect(orphans.map(({ type }) => type).sort()).toEqual([
            ...deployment.mesh.clusters.map(() => "multicluster:mesh:Cluster"),
            "multicluster:mesh:Preflight",
            "multicluster:rke2:ClusterTokens",
            "multicluster:tls:SharedCa",
        ]);
    });

    it("gives every Kubernetes object the provider of its own cluster", () => {
        for (const { name } of deployment.mesh.clusters) {
            const own = deployment.inCluster(name);
            const providers = own.filter(({ type }) => type === "pulumi:providers:kubernetes");
            expect(providers).toHaveLength(1);
            const objects = own.filter(({ type }) => type.startsWith("kubernetes:"));
            expect(objects.length).toBeGreaterThan(0);
            expect(new Set(objects.map(({ provider }) => provider))).toEqual(new Set([providers[0]?.urn]));
        }
    });

    it("configures that provider so that nothing is ever replaced for a change that fits", () => {
        for (const { name } of deployment.mesh.clusters) {
            const provider = deployment.one("pulumi:providers:kubernetes", `${name}-provider`);
            expect(provider.inputs).toMatchObject({
                clusterIdentifier: name,
                enableSecretMutable: "true",
                enableConfigMapMutable: "true",
            });
            expect(provider.secretPaths).toEqual(["kubeconfig"]);
        }
    });

    it("has each cluster's place in the mesh looked at before anything in the cluster is touched", () => {
        for (const { name, id } of deployment.mesh.clusters) {
            const kubeconfig = deployment.one("command:remote:Command", `${name}-kubeconfig`);
            expect(kubeconfig.inputs["stdin"]).toContain(`MESH_PLACE='${name} ${id} 255'\n`);
            const provider = deployment.one("pulumi:providers:kubernetes", `${name}-provider`);
            expect(provider.dependsOn).toEqual([kubeconfig.urn]);
        }
    });

    it("lets no cluster wait for another", () => {
        const names = deployment.mesh.clusters.map(({ name }) => name);
        for (const name of names) {
            const own = new Set(deployment.inCluster(name).map(({ urn }) => urn));
            for (const other of names.filter((candidate) => candidate !== name)) {
                const waits = deployment
                    .inCluster(other)
                    .filter((one) => before(one).some((urn) => own.has(urn)));
                expect(waits).toEqual([]);
            }
        }
    });

    it("protects the CA and the seed of the tokens, and nothing that must change", () => {
        const guarded = deployment.resources.filter((resource) => resource.protect);
        expect(guarded.map(({ name }) => name).sort()).toEqual(["ca-cert", "ca-key", "tokens-seed"]);
    });

    it("keeps every key and secret inside a secret", () => {
        for (const { name, inputs, secretPaths } of deployment.resources) {
            const open = texts(inputs).filter(
                ({ path }) => !secretPaths.some((secret) => path.startsWith(secret)),
            );
            const leaks = open.filter(({ text }) =>
                /<secret |privateKeyPem\]|PRIVATE KEY|\.stdout\]/.test(text),
            );
            expect({ name, leaks }).toEqual({ name, leaks: [] });
        }
    });

    it("lets the CA's key go nowhere but into signatures", () => {
        const uses = deployment.resources.flatMap(({ type, inputs }) =>
            texts(inputs)
                .filter(({ text }) => text.includes("[ca-key.privateKeyPem]"))
                .map(({ path }) => `${type} ${path}`),
        );
        expect([...new Set(uses)].sort()).toEqual([
            "tls:index/locallySignedCert:LocallySignedCert caPrivateKeyPem",
            "tls:index/selfSignedCert:SelfSignedCert privateKeyPem",
        ]);
    });

    it("holds no Output that was written into a text", () => {
        const all = deployment.resources.flatMap(({ inputs }) => texts(inputs));
        expect(
            all.filter(({ text }) => /Calling \[toString\]|\[object Object\]|undefined/.test(text)),
        ).toEqual([]);
    });

    it("tells every cluster the address that each peer's mesh API has, and that its certificate names", () => {
        const { mesh } = deployment;
        for (const cluster of mesh.clusters) {
            const { values = null } = deployment.one(RELEASE, `${cluster.name}-cilium-chart`).inputs;
            expect(at(values, "cluster")).toEqual({ name: cluster.name, id: cluster.id });
            const known = at(values, "clustermesh", "config", "clusters");
            expect(Array.isArray(known) ? known.length : 0).toBe(cluster.peers.length);
            for (const peer of cluster.peers) {
                const target = mesh.clusters.find(({ name }) => name === peer.name);
                const { meshApi } = target ?? {};
                const address = meshApi?.type === "LoadBalancer" ? meshApi.address : "";
                expect(known).toContainEqual({ name: peer.name, address, port: 2379 });
                const request = deployment.one(
                    "tls:index/certRequest:CertRequest",
                    `${peer.name}-certificates-server-request`,
                );
                expect(request.inputs["ipAddresses"]).toContain(address);
                const { values: theirs = null } = deployment.one(RELEASE, `${peer.name}-cilium-chart`).inputs;
                const annotations = at(theirs, "clustermesh", "apiserver", "service", "annotations");
                expect(Object.values(annotations ?? {})).toContain(address);
            }
        }
    });

    it("registers the same in a preview and in an up", async () => {
        const up = await deployed(description, { preview: false });
        const urns = (some: Deployment) => some.resources.map(({ urn }) => urn).sort();
        expect(urns(up)).toEqual(urns(deployment));
    });
});

describe("a cluster of three servers and two agents", () => {
    it.each([
        ["with MetalLB by L2", highlyAvailable(), "east", 41],
        ["with LB-IPAM by BGP, and one for the routers' password", prod, "fra", 42],
    ])(
        "takes at most 41 resources, beside the preflight of its hosts, %s",
        async (_, description, name, count) => {
            const deployment = await deployed(description);
            expect(1 + deployment.inCluster(name).length).toBe(count);
        },
    );

    it("is built in the order that its parts need, whatever the timing", async () => {
        const deployment = await deployed(highlyAvailable());
        const byUrn = new Map(deployment.resources.map((resource) => [resource.urn, resource]));
        const allBefore = (urn: string, found = new Set<string>()): Set<string> => {
            for (const earlier of before(byUrn.get(urn) ?? { dependsOn: [] })) {
                if (found.has(earlier)) continue;
                found.add(earlier);
                allBefore(earlier, found);
            }
            return found;
        };
        const command = "command:remote:Command";
        const secret = "kubernetes:core/v1:Secret";
        const steps = [
            [[command, "east-east-1-install"]],
            [[command, "east-east-2-install"]],
            [[command, "east-east-3-install"]],
            [4, 5].map((node) => [command, `east-east-${node}-install`]),
            [[RELEASE, "east-cilium-chart"]],
            [[command, "east-cilium-ready"]],
            [[RELEASE, "east-metallb-chart"]],
            [[command, "east-metallb-ready"]],
            [
                ["kubernetes:metallb.io/v1beta1:IPAddressPool", "east-metallb-pool-mesh"],
                ["kubernetes:metallb.io/v1beta1:L2Advertisement", "east-metallb-l2"],
            ],
        ].map((step) => step.map(([type = "", name = ""]) => deployment.one(type, name).urn));
        for (const [index, step] of steps.entries()) {
            const needed = steps.slice(0, index).flat();
            for (const urn of step) expect([...allBefore(urn)]).toEqual(expect.arrayContaining(needed));
        }
        const chart = allBefore(deployment.one(RELEASE, "east-cilium-chart").urn);
        for (const leaf of ["server", "admin", "remote", "local"]) {
            expect([...chart]).toContain(deployment.one(secret, `east-certificates-${leaf}`).urn);
        }
    });
});

describe("a growing cluster", () => {
    it("changes nothing on the hosts it has but what they ask their peers", async () => {
        const grown = highlyAvailable();
        const { east } = grown.clusters;
        for (const number of [6, 7]) {
            east.servers[`east-${number}`] = { address: `192.168.10.1${number}` };
        }
        east.agents = { ...east.agents, "east-8": { address: "192.168.10.18" } };
        const [small, large] = [await deployed(highlyAvailable()), await deployed(grown)];
        const changed = small.inCluster("east").filter((resource) => {
            const same = large.resources.find(({ urn }) => urn === resource.urn);
            return JSON.stringify(same?.inputs) !== JSON.stringify(resource.inputs);
        });
        // Scripts run again and find their work done: only the list of whom an empty first server asks is longer.
        const components = changed.filter(({ custom }) => !custom);
        // It shows which servers it has.
        expect(components.map(({ type }) => type)).toEqual(["multicluster:rke2:Rke2Cluster"]);
        expect(
            changed
                .filter(({ custom }) => custom)
                .map(({ name }) => name)
                .sort(),
        ).toMatchInlineSnapshot(`
          [
            "east-cilium-ready",
            "east-east-1-install",
            "east-members",
            "east-mesh-api-ready",
            "east-metallb-ready",
          ]
        `);
    });
});

describe("a growing mesh", () => {
    const ofSize = (count: number): MeshDescription => ({
        ...twoClusters(),
        clusters: Object.fromEntries(
            Array.from({ length: count }, (_, index) => [
                `c${index + 1}`,
                oneCluster(index + 1, `c${index + 1}`),
            ]),
        ),
    });

    it("has the same longest chain of steps, however many clusters it has", async () => {
        const chains = [];
        for (const count of [1, 2, 8]) chains.push(longestChain((await deployed(ofSize(count))).resources));
        expect(new Set(chains).size).toBe(1);
    });

    it("changes nothing of a member but its list of peers when another one joins", async () => {
        const [small, large] = [await deployed(ofSize(2)), await deployed(ofSize(3))];
        const changed = small.resources.filter((resource) => {
            const same = large.resources.find(({ urn }) => urn === resource.urn);
            return JSON.stringify(same?.inputs) !== JSON.stringify(resource.inputs);
        });
        expect(changed.map(({ name }) => name).sort()).toEqual(
            // The gate only asks again whether all is well.
            ["c1", "c1-cilium-chart", "c1-cilium-ready", "c2", "c2-cilium-chart", "c2-cilium-ready"],
        );
        const without = (deployment: Deployment) =>
            JSON.stringify(deployment.one(RELEASE, "c1-cilium-chart").inputs).replace(
                /"clusters":\[[^\]]*\]/,
                "",
            );
        expect(without(large)).toBe(without(small));
    });
});
