import { beforeAll, describe, expect, it } from "vitest";

import { z } from "zod";

import { minorOf } from "../../model/support/version.ts";
import type { TwoClusters } from "../support/mesh.ts";
import { deployed, type Deployment } from "../support/program.ts";
import { bgpWithEverything, farPools } from "./announcements.ts";
import { METALLB_VERSIONS } from "./charts.ts";
import { Crds } from "./crds.ts";
import { meshOf } from "./every-version.ts";
import { gateOf } from "./gate.ts";
import type { Manifest } from "./manifest.ts";
import { mountsIn } from "./mounts.ts";
import { render, type Rendering } from "./render.ts";

const HOME = "metallb-system";

const webhooks = z.object({
    webhooks: z.array(
        z.object({
            clientConfig: z.object({ service: z.object({ name: z.string(), namespace: z.string() }) }),
        }),
    ),
});

type East = TwoClusters["clusters"]["east"];

interface Rendered extends Rendering {
    readonly deployment: Deployment;
}

/** The newest Kubernetes whose API servers take this version's CRDs, with a Cilium for it. */
async function renderMetalLb(version: string, change: (east: East) => void): Promise<Rendered> {
    const mesh = meshOf("1.19.6", ({ clusters: { east } }) => {
        east.loadBalancer = { ...metalLb(east), version };
        change(east);
    });
    const kubernetes = minorOf(version) >= 16 ? 36 : 35;
    mesh.rke2.version = `v1.${kubernetes}.1+rke2r1`;
    mesh.clusters.west.loadBalancer = { ...metalLb(mesh.clusters.west), version };
    const deployment = await deployed(mesh);
    const release = deployment.one("kubernetes:helm.sh/v3:Release", "east-metallb-chart");
    return { ...(await render(release, mesh.rke2.version)), deployment };
}

function metalLb({ loadBalancer }: East) {
    if (loadBalancer.provider !== "metallb") throw new Error("not MetalLB");
    return loadBalancer;
}

function containers(manifest: Manifest, kind: "DaemonSet" | "Deployment", name: string): string[] {
    return manifest.workload(kind, name).spec.template.spec.containers.map((container) => container.name);
}

/** What speaks BGP, as MetalLB's own pods are told. */
function bgpTypes(manifest: Manifest): (string | undefined)[] {
    return manifest
        .workloads()
        .flatMap(({ spec }) => spec.template.spec.containers)
        .filter(({ name }) => name === "controller" || name === "speaker")
        .map(({ env }) => env.find(({ name }) => name === "METALLB_BGP_TYPE")?.value);
}

const MODES: Readonly<Record<"l2" | "bgp" | "none", (east: East) => void>> = {
    l2: (east) => {
        east.announce = { mode: "l2", interfaces: ["eth0"] };
        Object.assign(east.loadBalancer, { loadBalancerClass: "example.net/fabric" });
    },
    bgp: (east) => {
        Object.assign(east.loadBalancer, { pools: farPools });
        const bfd = { receiveIntervalMilliseconds: 100, passiveMode: true };
        const watched = { address: "192.168.10.3", asn: 65002, bfd };
        east.announce = { ...bgpWithEverything, peers: { ...bgpWithEverything.peers, watched } };
    },
    none: (east) => {
        east.announce = { mode: "none" };
    },
};

describe.each(METALLB_VERSIONS)("MetalLB %s", (version) => {
    const frrK8s = minorOf(version) >= 16;
    const rendered = new Map<keyof typeof MODES, Rendered>();
    const get = (mode: keyof typeof MODES): Rendered => {
        const found = rendered.get(mode);
        if (found === undefined) throw new Error("not rendered");
        return found;
    };
    beforeAll(async () => {
        for (const mode of ["l2", "bgp", "none"] as const) {
            rendered.set(mode, await renderMetalLb(version, MODES[mode]));
        }
    });

    describe.each(["l2", "bgp", "none"] as const)("by %s", (mode) => {
        it("is rendered without a warning, and the same a second time", async () => {
            const { warnings, manifest } = get(mode);
            expect(warnings).toBe("");
            const again = await renderMetalLb(version, MODES[mode]);
            expect(again.manifest.text).toBe(manifest.text);
        });

        it("has what the gate after it waits for", () => {
            const { manifest, deployment } = get(mode);
            const { crds, rollouts, endpoints } = gateOf(deployment, "east-metallb-ready");
            expect(crds).toHaveLength(6);
            expect(manifest.names("CustomResourceDefinition")).toEqual(expect.arrayContaining(crds));
            expect(rollouts).toEqual([`deployment ${HOME} metallb-controller`]);
            expect(endpoints).toEqual([`${HOME} metallb-webhook-service`]);
            for (const [kind, name] of [
                ["Deployment", "metallb-controller"],
                ["Service", "metallb-webhook-service"],
            ] as const) {
                expect(manifest.one(kind, name).metadata).toMatchObject({ namespace: HOME });
            }
        });

        it("has all its webhooks answered by Services that are there", () => {
            const { manifest } = get(mode);
            const names = manifest
                .all("ValidatingWebhookConfiguration")
                .flatMap((one) => webhooks.parse(one).webhooks)
                .map(({ clientConfig: { service } }) => `${service.namespace}/${service.name}`);
            expect(names).toContain(`${HOME}/metallb-webhook-service`);
            const services = manifest.names("Service").map((name) => `${HOME}/${name}`);
            expect(services).toEqual(expect.arrayContaining(names));
        });

        it("takes every object that the program writes", () => {
            const { manifest, deployment } = get(mode);
            const crds = new Crds(manifest.all("CustomResourceDefinition"));
            const objects = deployment
                .inCluster("east")
                .filter(({ type }) => type.startsWith("kubernetes:metallb.io/"))
                .map(({ inputs }) => inputs);
            // A pool and its announcement; with BGP four neighbours, a profile of BFD and the names of communities too.
            expect(objects).toHaveLength({ l2: 2, bgp: 8, none: 1 }[mode]);
            expect(objects.flatMap((object) => crds.complaints(object))).toEqual([]);
        });

        it("waits for no ConfigMap or Secret but the one that its own controller makes", () => {
            const { manifest } = get(mode);
            const made = [...manifest.names("ConfigMap"), ...manifest.names("Secret")];
            const missing = mountsIn(manifest).filter(
                ({ optional, name }) => !optional && !made.includes(name),
            );
            expect(missing.map(({ name }) => name)).toEqual(mode === "none" ? [] : ["metallb-memberlist"]);
        });

        it("runs on RKE2's dedicated servers wherever it announces", () => {
            for (const { spec } of get(mode).manifest.workloads("DaemonSet")) {
                expect(spec.template.spec.tolerations).toEqual(
                    expect.arrayContaining([
                        { key: "CriticalAddonsOnly", operator: "Exists" },
                        { key: "node-role.kubernetes.io/etcd", operator: "Exists" },
                        expect.objectContaining({ key: "node-role.kubernetes.io/control-plane" }),
                    ]),
                );
            }
        });
    });

    it("takes the objects of several instances and advertisements, and of a pool with something reserved", async () => {
        const crds = new Crds(get("bgp").manifest.all("CustomResourceDefinition"));
        const { deployment } = await renderMetalLb(version, (east) => {
            const pool = { addresses: farPools.mesh, reserved: ["172.16.10.0", "172.16.10.255"] };
            Object.assign(east.loadBalancer, { pools: { mesh: pool, web: ["172.16.11.0/24"] } });
            east.announce = {
                mode: "bgp",
                localASN: 65010,
                peers: { left: { address: "192.168.10.1", asn: 65000 } },
                instances: {
                    edge: { localASN: 65010, peers: { right: { address: "192.168.10.2", asn: 65000 } } },
                },
                advertisements: {
                    bgp: { communities: ["65000:100"] },
                    web: { pools: ["web"], peers: ["right"], aggregationLengthIPv4: 24 },
                },
            };
        });
        const objects = deployment
            .inCluster("east")
            .filter(({ type }) => type.startsWith("kubernetes:metallb.io/"))
            .map(({ inputs }) => inputs);
        expect(objects).toHaveLength(2 + 2 + 2 + 1);
        expect(objects.flatMap((object) => crds.complaints(object))).toEqual([]);
    });

    it("announces by L2 without FRR", () => {
        const { manifest } = get("l2");
        expect(manifest.names("DaemonSet")).toEqual(["metallb-speaker"]);
        expect(containers(manifest, "DaemonSet", "metallb-speaker")).toEqual(["speaker"]);
        expect(manifest.names("Deployment")).toEqual(["metallb-controller"]);
    });

    it("serves the chosen class only, or Services without one", () => {
        const classes = (mode: "l2" | "none", name: string) =>
            get(mode)
                .manifest.workloads()
                .filter(({ metadata }) => metadata.name === name)
                .flatMap(({ spec }) => spec.template.spec.containers.flatMap(({ args }) => args))
                .filter((arg) => arg.startsWith("--lb-class"));
        expect(classes("l2", "metallb-controller")).toEqual(["--lb-class=example.net/fabric"]);
        expect(classes("l2", "metallb-speaker")).toEqual(["--lb-class=example.net/fabric"]);
        expect(classes("none", "metallb-controller")).toEqual([]);
    });

    it(`speaks BGP ${frrK8s ? "through frr-k8s" : "by FRR inside the speaker"}`, () => {
        const { manifest } = get("bgp");
        const speaker = containers(manifest, "DaemonSet", "metallb-speaker");
        if (frrK8s) {
            expect(manifest.names("DaemonSet").sort()).toEqual(["metallb-frr-k8s", "metallb-speaker"]);
            expect(speaker).toEqual(["speaker"]);
            expect(containers(manifest, "DaemonSet", "metallb-frr-k8s")).toEqual(
                expect.arrayContaining(["controller", "frr", "reloader"]),
            );
        } else {
            expect(manifest.names("DaemonSet")).toEqual(["metallb-speaker"]);
            expect(speaker).toEqual(["speaker", "frr", "reloader", "frr-metrics"]);
            expect(manifest.names("Deployment")).toEqual(["metallb-controller"]);
        }
        expect(new Set(bgpTypes(manifest))).toContain(frrK8s ? "frr-k8s" : "frr");
    });

    it("gives addresses without a speaker where someone else announces", () => {
        const { manifest } = get("none");
        expect(manifest.names("DaemonSet")).toEqual([]);
        expect(manifest.names("Deployment")).toEqual(["metallb-controller"]);
    });
});
