/* That the charts have certgen make what this program would make otherwise, with the CA that it is given. */
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, inject, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { leavesOf } from "../../components/tls/leaf.ts";
import { certgenChainsSince } from "../../model/support/certgen.ts";
import { compareVersions } from "../../model/support/version.ts";
import { serverNames } from "../../stacks/cilium-args.ts";
import { certgenCronJobs, certgenJobs } from "./certgen.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { inEveryVersion, type RenderedCluster } from "./every-version.ts";

const MESH_JOB = "clustermesh-apiserver-generate-certs";
const HUBBLE_JOB = "hubble-generate-certs";

const role = z.looseObject({
    rules: z.array(
        z.looseObject({
            resources: z.array(z.string()),
            resourceNames: z.array(z.string()).optional(),
            verbs: z.array(z.string()),
        }),
    ),
});

/** What this program would make for the cluster. */
function leaves({ cluster, deployment: { mesh } }: RenderedCluster) {
    const { hubble, version, authMode } = cluster.cilium;
    const relayTls = hubble.relayTls === true;
    return leavesOf({
        clusterName: cluster.name,
        ciliumVersion: version,
        authMode,
        namespace: "kube-system",
        hubble: {
            server: hubble.enabled,
            relay: hubble.relay,
            relayServer: relayTls,
            ui: relayTls && hubble.ui,
        },
        extraServerNames: serverNames(cluster, mesh),
    });
}

for (const authMode of ["migration", "cluster"] as const) {
    inEveryVersion(
        `with certgen, all of Hubble, a name of the mesh API, a domain of the mesh, and authMode ${authMode}`,
        (mesh) => {
            mesh.certificates = { method: "certgen", leafValidityHours: 4_810 };
            mesh.cilium.authMode = authMode;
            mesh.cilium.hubble = { enabled: true, relay: true, ui: true, relayTls: true, metrics: ["dns"] };
            mesh.clusters.east.meshApi = { type: "LoadBalancer", names: ["mesh.east.example.net"] };
            mesh.mesh = { topology: "full", domains: ["mesh.cilium.io", "mesh.example.net"] };
        },
        (get, minor) => {
            it("makes the same certificates for the same names, now and every month", () => {
                const wanted = leaves(get()).map(({ secretName, commonName, dnsNames, ipAddresses }) => ({
                    name: secretName,
                    commonName,
                    hosts: [...dnsNames, ...ipAddresses].sort(),
                    validity: "4800h",
                }));
                const { manifest } = get();
                for (const runs of [certgenJobs(manifest), certgenCronJobs(manifest)]) {
                    expect(runs.map(({ name }) => name).sort()).toEqual([MESH_JOB, HUBBLE_JOB]);
                    const made = runs
                        .flatMap((run) => run.certificates)
                        .map(({ name, commonName, hosts, validity }) => ({
                            name,
                            commonName,
                            hosts: hosts.toSorted(),
                            validity,
                        }));
                    const byName = (a: { name: string }, b: { name: string }) => a.name.localeCompare(b.name);
                    expect(made.sort(byName)).toEqual(wanted.sort(byName));
                }
                expect(certgenCronJobs(manifest).map(({ schedule }) => schedule)).toEqual([
                    "0 0 1 * *",
                    "0 0 1 * *",
                ]);
            });

            it("lets servers serve and clients ask", () => {
                for (const { name, usage } of certgenJobs(get().manifest).flatMap(
                    (run) => run.certificates,
                )) {
                    const serves = /-server-certs?$/.test(name);
                    expect([name, usage.includes("server auth")]).toEqual([name, serves]);
                    expect([name, usage.includes("client auth")]).toEqual([
                        name,
                        !serves || name === "hubble-server-certs",
                    ]);
                }
            });

            it("signs with the CA that is there, and from 1.17 on makes none", () => {
                const { manifest } = get();
                for (const { args } of [...certgenJobs(manifest), ...certgenCronJobs(manifest)]) {
                    expect(args).toEqual([
                        minor < 17 ? "--ca-generate" : "--ca-generate=false",
                        "--ca-reuse-secret",
                        "--ca-secret-namespace=kube-system",
                        "--ca-secret-name=cilium-ca",
                        "--ca-common-name=Cilium CA",
                        ...(minor < 20 ? [] : ["--ca-enforce-validity-throughout-leaves-duration=true"]),
                    ]);
                }
            });

            it("may read the CA and write what it makes", () => {
                const { manifest } = get();
                for (const { name, certificates, serviceAccount } of certgenJobs(manifest)) {
                    const { rules } = role.parse(manifest.one("Role", name));
                    const may = (verb: string, secret: string) =>
                        rules.some(
                            ({ resources, resourceNames = [secret], verbs }) =>
                                resources.includes("secrets") &&
                                resourceNames.includes(secret) &&
                                verbs.includes(verb),
                        );
                    expect(may("get", "cilium-ca")).toBe(true);
                    for (const certificate of certificates) {
                        expect(may("create", certificate.name)).toBe(true);
                        expect(may("update", certificate.name)).toBe(true);
                    }
                    expect(manifest.names("ServiceAccount")).toContain(serviceAccount);
                    expect(manifest.names("RoleBinding")).toContain(name);
                }
            });

            it("runs when the chart is there: by Helm, which waits for it, up to 1.18", () => {
                for (const { metadata } of get().manifest.all("Job")) {
                    expect(metadata.annotations["helm.sh/hook"]).toBe(
                        minor < 19 ? "post-install,post-upgrade" : undefined,
                    );
                }
            });
        },
    );
}

inEveryVersion(
    "with certgen and without Hubble",
    (mesh) => {
        mesh.certificates = { method: "certgen" };
    },
    (get) => {
        it("makes only what the mesh needs", () => {
            const { manifest } = get();
            expect(certgenJobs(manifest).map(({ name }) => name)).toEqual([MESH_JOB]);
            expect(certgenCronJobs(manifest).map(({ name }) => name)).toEqual([MESH_JOB]);
        });
    },
);

describe.each(CILIUM_VERSIONS)("the chart of Cilium %s", (version) => {
    it("still asks certgen for the metrics' certificate by a wrong name, for which it is refused", () => {
        const chart = inject("charts")[`cilium ${version}`] ?? "";
        const template = readFileSync(join(chart, "templates/hubble/tls-cronjob/_job-spec.tpl"), "utf8");
        expect(template).toContain(`"hubble-metrics.cilium.io" | join "." }} | quote }}`);
    });

    it("brings a certgen that signs with a CA below others", () => {
        const values = readFileSync(join(inject("charts")[`cilium ${version}`] ?? "", "values.yaml"), "utf8");
        const { tag } = z
            .looseObject({ certgen: z.looseObject({ image: z.looseObject({ tag: z.string() }) }) })
            .parse(parse(values)).certgen.image;
        expect(compareVersions(tag.replace(/^v/, ""), "0.3.1")).toBeGreaterThanOrEqual(0);
        expect(certgenChainsSince(version)).toBeUndefined();
    });
});
