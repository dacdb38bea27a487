import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import { resolveMesh } from "../../../model/resolve.ts";
import * as names from "../../../model/rules/mesh-api-names.ts";
import { highlyAvailable, oneCluster, twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

it("refuses one name for two clusters", () => {
    expect(
        refuses(names.meshApiNamesUnique, ({ clusters }) => {
            clusters.east.meshApi = { type: "LoadBalancer", names: ["mesh.example.net"] };
            clusters.west.meshApi = {
                type: "LoadBalancer",
                names: ["mesh.west.example.net", "mesh.example.net"],
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.meshApi.names = "mesh.example.net"
          is also a name of the mesh API of clusters.east: others could not tell the two apart
          fix: give each cluster a name of its own"
    `);
});

it("refuses a name that another cluster's own DNS answers for", () => {
    expect(
        refuses(names.meshApiNamesOutside, ({ clusters }) => {
            clusters.east.meshApi = { type: "LoadBalancer", names: ["mesh.east.cluster.local"] };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.names = "mesh.east.cluster.local"
          lies in cluster.local, the domain of clusters.west, which answers for it by itself
          fix: choose a name of your own DNS"
    `);
});

it("accepts a name in the domain of a cluster that does not ask for it", () => {
    accepts(({ clusters }) => {
        clusters.east.clusterDomain = "east.example.net";
        clusters.east.meshApi = { type: "LoadBalancer", names: ["mesh.east.example.net"] };
    });
});

it.each(["mesh", "*.example.net", "Mesh.example.net", "192.168.10.200", "mesh.example.net:2379"])(
    "refuses %s as a name",
    (name) => {
        const mesh = twoClusters();
        mesh.clusters.east.meshApi = { type: "LoadBalancer", names: [name] };
        const { mesh: resolved, problems } = checkMesh(mesh);
        expect(resolved).toBeUndefined();
        expect(problems).toEqual([
            {
                path: "clusters.east.meshApi.names[0]",
                value: JSON.stringify(name),
                rule: "must be a full DNS name in lower case, without a wildcard",
                fix: 'write it as "mesh.east.example.net"',
            },
        ]);
    },
);

it("warns where pods restart when another cluster's servers change", () => {
    expect(
        warns(
            names.hostAliasesRestart,
            ({ clusters }) => {
                clusters["north"] = oneCluster(3, "north");
                clusters.east.meshApi = { type: "NodePort" };
            },
            // It also is not reached at all without those servers.
            { mesh: highlyAvailable(), others: true },
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.meshApi.type = "NodePort"
          its servers' addresses stand in the pods of the mesh API in west, north, which restart when east joins, leaves or gets other servers
          fix: name it in meshApi.names, use LoadBalancer, or upgrade to Cilium 1.20: then nothing restarts"
    `);
});

it("counts the clusters where there are many", () => {
    expect(
        warns(
            names.hostAliasesRestart,
            ({ clusters }) => {
                for (let id = 3; id < 16; id++) clusters[`c${id}`] = oneCluster(id, `c${id}`);
                clusters.east.meshApi = { type: "NodePort" };
            },
            { mesh: highlyAvailable(), others: true },
        ),
    ).toContain("in 14 clusters, which restart");
});

it("warns of no restart where others run 1.20, or are told one name or address", () => {
    const warningsOf = (change: (mesh: TwoClusters) => void) => {
        const mesh = highlyAvailable();
        mesh.clusters.east.meshApi = { type: "NodePort" };
        change(mesh);
        return names.hostAliasesRestart(resolveMesh(mesh));
    };
    expect(warningsOf(() => undefined)).toHaveLength(1);
    expect(warningsOf(({ cilium }) => void (cilium.version = "1.20.2"))).toEqual([]);
    expect(
        warningsOf(({ clusters }) => void (clusters.east.servers = oneCluster(1, "east").servers)),
    ).toEqual([]);
    const named = { type: "NodePort" as const, names: ["mesh.east.example.net"] };
    expect(warningsOf(({ clusters }) => void (clusters.east.meshApi = named))).toEqual([]);
});

it("accepts node ports behind a name", () => {
    accepts(
        ({ clusters }) =>
            void (clusters.east.meshApi = { type: "NodePort", names: ["mesh.east.example.net"] }),
        { mesh: highlyAvailable() },
    );
});
