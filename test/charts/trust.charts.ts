import { expect, it } from "vitest";

import { inEveryVersion } from "./every-version.ts";

const HUBBLE = { enabled: true, relay: true, ui: true };

for (const [certificates, trusted, signing] of [
    [{ nextCa: "trusted" }, "1 2", "1"],
    [{ nextCa: "signing" }, "1 2", "2"],
    [{ caGeneration: 2 }, "2", "2"],
] as const) {
    inEveryVersion(
        `in a rotation, with ${JSON.stringify(certificates)}`,
        (mesh) => {
            mesh.certificates = certificates;
            mesh.cilium.hubble = HUBBLE;
            mesh.cilium.endpointSliceSynchronization = true;
        },
        (get) => {
            it("carries in its pods whom they trust, so that they are replaced when that changes", () => {
                const { manifest } = get();
                const annotations = (kind: "DaemonSet" | "Deployment", name: string) =>
                    Object.entries(manifest.workload(kind, name).spec.template.metadata.annotations).filter(
                        ([key]) => key.startsWith("multicluster/"),
                    );
                const carried = [["multicluster/trusted-cas", trusted]];
                expect(annotations("DaemonSet", "cilium")).toEqual(carried);
                for (const name of ["cilium-operator", "hubble-relay", "hubble-ui"]) {
                    expect(annotations("Deployment", name)).toEqual(carried);
                }
                expect(annotations("Deployment", "clustermesh-apiserver").sort()).toEqual([
                    ["multicluster/signing-ca", signing],
                    ...carried,
                ]);
            });

            it("replaces the mesh API one by one, the new one first", () => {
                const { spec } = get().manifest.one("Deployment", "clustermesh-apiserver");
                expect(spec).toMatchObject({
                    strategy: {
                        type: "RollingUpdate",
                        rollingUpdate: { maxSurge: 1, maxUnavailable: 0 },
                    },
                });
            });
        },
    );
}

inEveryVersion(
    "in a rotation, with nothing that the operator would ask other clusters for",
    (mesh) => {
        mesh.certificates = { nextCa: "trusted" };
    },
    (get) => {
        it("leaves the operator alone, which reads no certificate", () => {
            const { manifest } = get();
            const { metadata, spec } = manifest.workload("Deployment", "cilium-operator").spec.template;
            expect(metadata.annotations).not.toHaveProperty("multicluster/trusted-cas");
            const env = spec.containers.flatMap((container) => container.env.map(({ name }) => name));
            expect(env).not.toContain("CILIUM_CLUSTERMESH_CONFIG");
        });
    },
);
