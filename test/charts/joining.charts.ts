/*
 * What a cluster that joins or leaves changes in the others: what the chart makes of each before and after, side by side.
 */
import { isDeepStrictEqual } from "node:util";

import { beforeAll, describe, expect, it } from "vitest";

import type { ClusterDescription } from "../../model/describe.ts";
import { minorOf } from "../../model/support/version.ts";
import { highlyAvailable, oneCluster, type TwoClusters } from "../support/mesh.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { meshOf, renderCilium } from "./every-version.ts";
import type { KubernetesObject, Manifest } from "./manifest.ts";

type MeshApi = NonNullable<ClusterDescription["meshApi"]>;

/** Three servers in each cluster, and of the third cluster only what is said. */
async function manifestOf(version: string, third?: MeshApi): Promise<Manifest> {
    const mesh = meshOf(version, (described: TwoClusters) => {
        Object.assign(described, { clusters: highlyAvailable().clusters });
        if (third === undefined) return;
        const { servers } = highlyAvailable().clusters.west;
        described.clusters["north"] = {
            ...oneCluster(3, "north"),
            servers: Object.fromEntries(
                Object.values(servers).map((server, index) => [
                    `north-${index + 1}`,
                    { ...server, address: `192.168.30.1${index + 1}` },
                ]),
            ),
            agents: {},
            apiAddress: "api.north.example.net",
            meshApi: third,
        };
    });
    return (await renderCilium(mesh)).manifest;
}

/** What Kubernetes keeps of it: an empty entry is to it an absent one. */
function stored(object: KubernetesObject): string {
    return JSON.stringify(object, (_, value: unknown) => value ?? undefined);
}

/** The objects that are not the same in both, and those workloads among them whose pods start again. */
function differences(before: Manifest, after: Manifest): { changed: string[]; restarted: string[] } {
    const changed = after.objects.flatMap(({ kind, metadata: { name } }) =>
        stored(before.one(kind, name)) === stored(after.one(kind, name)) ? [] : [`${kind} ${name}`],
    );
    const restarted = after.workloads().flatMap(({ kind, metadata: { name }, spec }) => {
        if (kind !== "DaemonSet" && kind !== "Deployment") throw new Error(`${kind} ${name} came unexpected`);
        const was = before.workload(kind, name).spec;
        return isDeepStrictEqual(was.template, spec.template) ? [] : [name];
    });
    return { changed: changed.sort(), restarted };
}

const BY_NAME: MeshApi = { type: "NodePort", nodePort: 32380, names: ["mesh.north.example.net"] };

describe.each(CILIUM_VERSIONS)("Cilium %s, when another cluster joins or leaves", (version) => {
    const minor = minorOf(version);
    const connections = ["Secret cilium-clustermesh", "Secret cilium-kvstoremesh"];
    const changed = minor >= 19 ? ["ConfigMap clustermesh-remote-users", ...connections] : connections;
    let without: Manifest | undefined;
    beforeAll(async () => {
        without = await manifestOf(version);
    });

    async function differencesWith(third: MeshApi) {
        if (without === undefined) throw new Error("not rendered");
        const joined = await manifestOf(version, third);
        return { joining: differences(without, joined), leaving: differences(joined, without) };
    }

    it("restarts nothing where it is reached by its load balancer", async () => {
        const outcome = { changed, restarted: [] };
        expect(await differencesWith({ type: "LoadBalancer" })).toEqual({
            joining: outcome,
            leaving: outcome,
        });
    });

    it("restarts nothing where it is reached by a name", async () => {
        const outcome = { changed, restarted: [] };
        expect(await differencesWith(BY_NAME)).toEqual({ joining: outcome, leaving: outcome });
    });

    it("restarts the mesh API up to 1.19 where it is reached at several servers", async () => {
        const outcome =
            minor >= 20
                ? { changed, restarted: [] }
                : {
                      changed: [...changed, "Deployment clustermesh-apiserver"].sort(),
                      restarted: ["clustermesh-apiserver"],
                  };
        expect(await differencesWith({ type: "NodePort", nodePort: 32380 })).toEqual({
            joining: outcome,
            leaving: outcome,
        });
    });
});
