/*
 * The plan of every shipped stack against a real API server that has the real CRDs: Helm renders each chart with the program's
 * values, and the server is asked to dry-run every object. The cluster is one that the program has made; what the program and
 * its chart have put there is removed first, as an object that is there would lend a planned one what it lacks.
 */
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { z } from "zod";

import { isInCluster } from "../../../plan/kubernetes-files.ts";
import { plan, type Plan } from "../../../plan/plan.ts";
import { loadStack, stackNames } from "../../../stacks/load.ts";
import { packagedChart } from "../binaries/packaged-chart.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { labCluster, labMesh } from "./descriptions.ts";
import { crdsOf, namespacesOf, remove, serve } from "./dry-run/bare-cluster.ts";
import { batchesOf, type Batch } from "./dry-run/batch.ts";
import { ciliumCrdsIn, ciliumCrdsInSource } from "./dry-run/cilium-crds.ts";
import { dryRun, unanswered } from "./dry-run/dry-run.ts";

const NAME = "dry-run";
const CLUSTER = "one";
const DESCRIPTION = labMesh({ [CLUSTER]: labCluster(CLUSTER, { id: 1 }) });
const STACKS = await stackNames();

const chartName = z.enum(["cilium", "metallb"]);

interface Planned {
    readonly plan: Plan;
    readonly batches: readonly Batch[];
}

let lab: LabMesh;
const stacks = new Map<string, Planned>();

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, DESCRIPTION, console.log);
    const program = await copyProgram(join(lab.lab.folder, "program"));
    await describeTo(program, "lab", DESCRIPTION);
    await lab.operate("up", { program });
    for (const stack of STACKS) stacks.set(stack, await planned(stack, await loadStack(stack)));
});

afterAll(() => LabMesh.close(NAME));

async function planned(stack: string, description: unknown): Promise<Planned> {
    const made = await plan({ description, stack });
    const batches = await batchesOf(stack, made, {
        helm: lab.tools.helm.path,
        chart: (name, version) => packagedChart(chartName.parse(name), version, console.log),
    });
    return { plan: made, batches };
}

function shipped(stack: string): Planned {
    const found = stacks.get(stack);
    if (found === undefined) throw new Error(`${stack} has not been planned`);
    return found;
}

/** The Cilium of every stack: the cluster can have the CRDs of one version only. */
function ciliumVersion(): string {
    const clusters = [...stacks.values()].flatMap(({ plan: { mesh } }) => mesh.clusters);
    const [version, ...more] = new Set(
        [...lab.mesh.clusters, ...clusters].map(({ cilium }) => cilium.version),
    );
    if (version === undefined || more.length > 0) {
        throw new Error(`the stacks have several versions of Cilium: ${[version, ...more].join(", ")}`);
    }
    return version;
}

describe("the API server", () => {
    it("has CRDs of Cilium's source, just as the operator registers them", async () => {
        const registered = ciliumCrdsIn(await lab.kubectl(CLUSTER, "get", "crds", "--output", "json"));
        const source = new Map(
            ciliumCrdsInSource(ciliumVersion()).map(({ crd }) => [crd.metadata.name, crd]),
        );
        expect(registered.map(({ metadata }) => metadata.name)).toEqual(
            expect.arrayContaining([
                "ciliuml2announcementpolicies.cilium.io",
                "ciliumloadbalancerippools.cilium.io",
            ]),
        );
        for (const { metadata, spec } of registered) {
            expect(spec, metadata.name).toEqual(source.get(metadata.name)?.spec);
        }
    });

    it("is emptied, and has every CRD and every namespace", async () => {
        await remove(lab, CLUSTER, (await planned(CLUSTER, DESCRIPTION)).batches.toReversed());
        await serve(
            lab,
            CLUSTER,
            ciliumCrdsInSource(ciliumVersion()).map(({ text }) => text),
        );
        const batches = [...stacks.values()].flatMap((stack) => stack.batches);
        for (const batch of batches) {
            const crds = crdsOf(batch);
            if (crds.length > 0) await serve(lab, CLUSTER, crds);
        }
        const there = (await lab.kubectl(CLUSTER, "get", "namespaces", "--output", "name")).split("\n");
        const missing = namespacesOf(batches).filter((one) => !there.includes(`namespace/${one}`));
        expect(missing).toEqual(["cilium-secrets", "metallb-system"]);
        for (const namespace of missing) await lab.kubectl(CLUSTER, "create", "namespace", namespace);
    });
});

describe.each(STACKS)("the API server takes of stack %s", (stack) => {
    it("every object, the program's own and those of its charts", async () => {
        const { plan, batches } = shipped(stack);
        for (const batch of batches) {
            const answer = await dryRun(lab, CLUSTER, batch.text);
            expect(answer.complaints, batch.title).toBe("");
            expect(unanswered(batch, answer), batch.title).toEqual([]);
            expect(answer.accepted, batch.title).toHaveLength(batch.objects.length);
        }
        const resources = plan.resources.filter(isInCluster).map(({ urn }) => urn);
        expect(resources).not.toEqual([]);
        expect(batches.flatMap(({ urns }) => urns).sort()).toEqual(resources.sort());
    });
});

describe("the API server refuses", () => {
    const attempt = (text: string) => dryRun(lab, CLUSTER, text);

    it("an object with a field that its CRD does not have", async () => {
        const { accepted, complaints } = await attempt(`
apiVersion: cilium.io/v2
kind: CiliumBGPPeerConfig
metadata: { name: misspelt }
spec: { timers: { holdTimeSecond: 9 } }
`);
        expect(accepted).toEqual([]);
        expect(complaints).toContain(".spec.timers.holdTimeSecond: field not declared in schema");
    });

    it("an object that breaks a rule of its CRD", async () => {
        const { accepted, complaints } = await attempt(`
apiVersion: cilium.io/v2
kind: CiliumBGPPeerConfig
metadata: { name: hasty }
spec: { timers: { holdTimeSeconds: 9, keepAliveTimeSeconds: 10 } }
`);
        expect(accepted).toEqual([]);
        expect(complaints).toContain("keepAliveTimeSeconds can not be larger than holdTimeSeconds");
    });

    it("a Service with a port that there is not", async () => {
        const { accepted, complaints } = await attempt(`
apiVersion: v1
kind: Service
metadata: { name: impossible }
spec: { ports: [{ port: 70000 }] }
`);
        expect(accepted).toEqual([]);
        expect(complaints).toContain("spec.ports[0].port: Invalid value: 70000");
    });

    it("a Secret of a certificate without its key", async () => {
        const { accepted, complaints } = await attempt(`
apiVersion: v1
kind: Secret
metadata: { name: half }
type: kubernetes.io/tls
stringData: { tls.crt: "[certificate]" }
`);
        expect(accepted).toEqual([]);
        expect(complaints).toContain("data[tls.key]: Required value");
    });
});
