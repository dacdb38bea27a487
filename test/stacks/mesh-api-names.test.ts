/* The names of a mesh API on their way from the description to its certificate, its peers and the stack's outputs. */
import { expect, it } from "vitest";

import { highlyAvailable } from "../support/mesh.ts";
import { deployed } from "../support/program.ts";

const RELEASE = "kubernetes:helm.sh/v3:Release";
const REQUEST = "tls:index/certRequest:CertRequest";

function named() {
    const mesh = highlyAvailable();
    mesh.clusters.west.meshApi = {
        type: "NodePort",
        names: ["mesh.west.example.net", "old.west.example.net"],
    };
    return mesh;
}

it("tells peers the first, and certifies all of them beside the addresses", async () => {
    const deployment = await deployed(named());
    expect(deployment.one(RELEASE, "east-cilium-chart").inputs).toMatchObject({
        values: {
            clustermesh: {
                config: {
                    clusters: [{ name: "west", address: "mesh.west.example.net", port: 32379 }],
                },
            },
        },
    });
    expect(deployment.one(REQUEST, "west-certificates-server-request").inputs).toMatchObject({
        dnsNames: [
            "clustermesh-apiserver.cilium.io",
            "*.mesh.cilium.io",
            "clustermesh-apiserver.kube-system.svc",
            "mesh.west.example.net",
            "old.west.example.net",
        ],
        ipAddresses: ["127.0.0.1", "::1", "192.168.20.11", "192.168.20.12", "192.168.20.13"],
    });
});

it("shows them in the cluster itself, and changes no other certificate", async () => {
    const [before, after] = [await deployed(highlyAvailable()), await deployed(named())];
    const meshApi = { type: "NodePort", replicas: 1, port: 32379 };
    const names = ["mesh.west.example.net", "old.west.example.net"];
    expect(after.one("multicluster:mesh:Cluster", "west").inputs["meshApi"]).toEqual({ ...meshApi, names });
    const request = "east-certificates-server-request";
    expect(after.one(REQUEST, request).inputs).toEqual(before.one(REQUEST, request).inputs);
});
