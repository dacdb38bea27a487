import { expect, it } from "vitest";
import { parse } from "yaml";

import { inEveryVersion } from "./every-version.ts";
import { filesOf } from "./mounts.ts";

inEveryVersion(
    "with Hubble on the nodes only",
    (mesh) => {
        mesh.cilium.hubble = { enabled: true };
    },
    (get) => {
        it("shows flows over TLS, with the files of the program's certificate", () => {
            const { config, manifest } = get();
            expect(config).toMatchObject({
                "enable-hubble": "true",
                "hubble-disable-tls": "false",
                "hubble-listen-address": ":4244",
            });
            expect(config["hubble-metrics"] ?? "").toBe("");
            const files = filesOf(manifest.workload("DaemonSet", "cilium").spec.template.spec);
            expect(files).toEqual(
                expect.arrayContaining([
                    config["hubble-tls-cert-file"],
                    config["hubble-tls-key-file"],
                    config["hubble-tls-client-ca-files"],
                ]),
            );
        });

        it("runs neither relay nor page", () => {
            const { manifest } = get();
            expect(manifest.names("Deployment").sort()).toEqual(["cilium-operator", "clustermesh-apiserver"]);
        });
    },
);

inEveryVersion(
    "with all of Hubble, in a DNS domain of its own",
    (mesh) => {
        mesh.cilium.hubble = { enabled: true, relay: true, ui: true, metrics: ["dns", "drop"] };
        mesh.clusters.east.clusterDomain = "east.example";
    },
    (get) => {
        it("runs relay and page, and starts them again when their settings change", () => {
            const { manifest } = get();
            for (const [name, settings] of [
                ["hubble-relay", "hubble-relay"],
                ["hubble-ui", "hubble-ui-nginx"],
            ] as const) {
                const { metadata } = manifest.workload("Deployment", name).spec.template;
                expect(metadata.annotations[`cilium.io/${settings}-configmap-checksum`]).toBeDefined();
            }
        });

        it("gives the relay the files of the program's certificate, and the nodes' Service in the cluster's domain", () => {
            const { manifest } = get();
            const relay = manifest.configMap("hubble-relay-config")["config.yaml"] ?? "";
            expect(relay).not.toContain("disable-client-tls");
            expect(parse(relay)).toMatchObject({
                "cluster-name": "east",
                "peer-service": "hubble-peer.kube-system.svc.east.example.:443",
                "tls-hubble-client-cert-file": "/var/lib/hubble-relay/tls/client.crt",
                "tls-hubble-client-key-file": "/var/lib/hubble-relay/tls/client.key",
                "tls-hubble-server-ca-files": "/var/lib/hubble-relay/tls/hubble-server-ca.crt",
                "disable-server-tls": true,
            });
            const pod = manifest.workload("Deployment", "hubble-relay").spec.template.spec;
            expect(filesOf(pod)).toEqual(expect.arrayContaining(relay.match(/\/var\/lib\/\S+/g) ?? []));
        });

        it("serves the metrics", () => {
            const { config, manifest } = get();
            expect(config["hubble-metrics"]?.split(/\s+/)).toEqual(["dns", "drop"]);
            expect(config["hubble-metrics-server"]).toBe(":9965");
            expect(manifest.service("hubble-metrics").spec.ports.map(({ port }) => port)).toEqual([9965]);
        });
    },
);
