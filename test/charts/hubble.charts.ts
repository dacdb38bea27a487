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

inEveryVersion(
    "with TLS in all of Hubble",
    (mesh, minor) => {
        mesh.cilium.hubble = {
            enabled: true,
            relay: true,
            ui: true,
            relayTls: true,
            metrics: ["dns"],
            ...(minor >= 17 ? { metricsTls: true } : {}),
        };
    },
    (get, minor) => {
        it("serves the relay over TLS, with the files of the program's certificate", () => {
            const { manifest } = get();
            const relay = manifest.configMap("hubble-relay-config")["config.yaml"] ?? "";
            expect(relay).not.toContain("disable-server-tls");
            expect(parse(relay)).toMatchObject({
                "tls-relay-server-cert-file": "/var/lib/hubble-relay/tls/server.crt",
                "tls-relay-server-key-file": "/var/lib/hubble-relay/tls/server.key",
            });
            const pod = manifest.workload("Deployment", "hubble-relay").spec.template.spec;
            expect(filesOf(pod)).toEqual(expect.arrayContaining(relay.match(/\/var\/lib\/\S+/g) ?? []));
            expect(manifest.service("hubble-relay").spec.ports.map(({ port }) => port)).toEqual([443]);
        });

        it("lets the page ask the relay by a name that the relay's certificate holds", () => {
            const { manifest } = get();
            const pod = manifest.workload("Deployment", "hubble-ui").spec.template.spec;
            const env = new Map(
                pod.containers.flatMap((container) =>
                    container.env.map(({ name, value = "" }) => [name, value] as const),
                ),
            );
            expect(env.get("TLS_TO_RELAY_ENABLED")).toBe("true");
            // *.hubble-relay.cilium.io
            expect(env.get("TLS_RELAY_SERVER_NAME")).toBe("ui.hubble-relay.cilium.io");
            const files = [
                "TLS_RELAY_CA_CERT_FILES",
                "TLS_RELAY_CLIENT_CERT_FILE",
                "TLS_RELAY_CLIENT_KEY_FILE",
            ];
            expect(filesOf(pod)).toEqual(expect.arrayContaining(files.map((name) => env.get(name))));
        });

        it("serves the metrics over TLS from 1.17 on", () => {
            const { config, manifest } = get();
            if (minor < 17) return;
            expect(config).toMatchObject({
                "hubble-metrics-server-enable-tls": "true",
                "hubble-metrics-server-tls-cert-file": "/var/lib/cilium/tls/hubble-metrics/server.crt",
                "hubble-metrics-server-tls-key-file": "/var/lib/cilium/tls/hubble-metrics/server.key",
            });
            const files = filesOf(manifest.workload("DaemonSet", "cilium").spec.template.spec);
            expect(files).toContain(config["hubble-metrics-server-tls-cert-file"]);
        });
    },
);
