import { expect, it } from "vitest";

import * as config from "../../../model/rules/config.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";
import * as meshApi from "../../../model/rules/mesh-api.ts";
import type { TwoClusters } from "../../support/mesh.ts";

it("refuses a DNS address outside the Services' range, and a text that is none", () => {
    expect(
        refuses(
            config.clusterDnsIsAService,
            ({ clusters }) =>
                void (clusters.east.rke2 = {
                    config: { "cluster-dns": ["10.12.0.10", "dns", "10.11.0.10"] },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.config.cluster-dns = "10.12.0.10"
          is no address of serviceCidr (10.11.0.0/16): the DNS Service could not have it
          fix: choose an address of serviceCidr, or leave it out for the tenth
      clusters.east.rke2.config.cluster-dns = "dns"
          is no address of serviceCidr (10.11.0.0/16): the DNS Service could not have it
          fix: choose an address of serviceCidr, or leave it out for the tenth"
    `);
});

it("accepts a DNS address of the Services' range", () => {
    accepts(({ clusters }) => void (clusters.east.rke2 = { config: { "cluster-dns": "10.11.0.53" } }));
});

function nodePorts(range: string) {
    return ({ clusters: { east } }: TwoClusters) => {
        east.meshApi = { type: "NodePort", nodePort: 30100 };
        east.rke2 = { config: { "service-node-port-range": range } };
    };
}

it("refuses node ports without that of the mesh API", () => {
    expect(refuses(config.meshApiInNodePorts, nodePorts("31000-32000"))).toMatchInlineSnapshot(`
      "clusters.east.rke2.config.service-node-port-range = "31000-32000"
          leaves out 30100, the node port of the mesh API
          fix: widen it, or set meshApi.nodePort to a port of that range"
    `);
});

it("accepts other node ports where the mesh API has one of them, or none", () => {
    expect(warns(meshApi.nodePortIsFragile, nodePorts("30100-30200")).split("\n")[0]).toBe(
        'clusters.east.meshApi.type = "NodePort"',
    );
    accepts(
        ({ clusters }) =>
            void (clusters.east.rke2 = { config: { "service-node-port-range": "20000-20100" } }),
    );
});

it("accepts the CIS profile of a cluster without peers, and etcd's anywhere", () => {
    accepts((mesh) => {
        mesh.rke2.config = { profile: "cis" };
        Reflect.deleteProperty(mesh.clusters, "west");
    });
    accepts((mesh) => void (mesh.rke2.config = { profile: "etcd" }));
});
