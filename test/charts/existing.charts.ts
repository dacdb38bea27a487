import { expect, it } from "vitest";

import { kubernetesOf } from "../../model/support/matrix.ts";
import { existingCluster } from "../support/existing.ts";
import { inEveryVersion } from "./every-version.ts";

inEveryVersion(
    "in a Kubernetes that was there already, whose API is at port 443",
    (mesh, minor) => {
        const north = existingCluster(3);
        if (north.kubernetes !== undefined) {
            north.kubernetes.version = `1.${kubernetesOf(minor)?.to ?? 0}`;
            north.kubernetes.apiPort = 443;
        }
        mesh.clusters = { north, ...mesh.clusters };
    },
    (get) => {
        it("asks its API where that is, on nodes and in the operator, and takes kube-proxy's place", () => {
            const { manifest, config } = get();
            expect(config["kube-proxy-replacement"]).toBe("true");
            for (const [kind, name] of [
                ["DaemonSet", "cilium"],
                ["Deployment", "cilium-operator"],
            ] as const) {
                const text = JSON.stringify(manifest.one(kind, name));
                expect(text).toContain('{"name":"KUBERNETES_SERVICE_HOST","value":"api.north.example.net"}');
                expect(text).toContain('{"name":"KUBERNETES_SERVICE_PORT","value":"443"}');
            }
        });
    },
);
