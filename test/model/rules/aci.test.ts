import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import type { ClusterDescription } from "../../../model/describe.ts";
import { formatProblem } from "../../../model/problem.ts";
import * as aci from "../../../model/rules/aci.ts";
import { twoClusters, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses } from "../../support/rules.ts";

const BGP: ClusterDescription["announce"] = {
    mode: "bgp",
    localASN: 65010,
    peers: { leaf: { address: "192.168.10.1", asn: 65000 } },
};

function attached(
    fabric: NonNullable<ClusterDescription["aci"]>,
    announce: ClusterDescription["announce"] = BGP,
) {
    return ({ clusters: { east } }: TwoClusters) => {
        east.loadBalancer = { provider: "lb-ipam", pools: { mesh: ["172.16.10.0/24"] } };
        east.announce = announce;
        east.aci = fabric;
    };
}

const byNode = (name: string) => ({ matchLabels: { "kubernetes.io/hostname": name } });

it("refuses sessions from both kinds of leaves before 6.1(2)", () => {
    expect(refuses(aci.anchoredAllOrNone, attached({ version: "6.0(5)", anchored: ["east-1"] })))
        .toMatchInlineSnapshot(`
      "clusters.east.aci.anchored = ["east-1"]
          has east-1 of the nodes that speak BGP, and not east-2: before ACI 6.1(2) all of them are attached to anchor leaves, or none is, and the fabric runs 6.0(5)
          fix: let only nodes of one kind speak (announce.nodeSelector), attach all to anchor leaves, or use ACI 6.1(2) or later"
    `);
});

it("refuses them of two instances too", () => {
    const announce = {
        ...BGP,
        nodeSelector: byNode("east-1"),
        instances: {
            second: {
                localASN: 65011,
                nodeSelector: byNode("east-2"),
                peers: { other: { address: "192.168.10.2", asn: 65000 } },
            },
        },
    };
    expect(refuses(aci.anchoredAllOrNone, attached({ version: "6.1(1f)", anchored: ["east-1"] }, announce)))
        .toMatchInlineSnapshot(`
      "clusters.east.aci.anchored = ["east-1"]
          has east-1 of the nodes that speak BGP, and not east-2: before ACI 6.1(2) all of them are attached to anchor leaves, or none is, and the fabric runs 6.1(1f)
          fix: let only nodes of one kind speak (announce.nodeSelector), attach all to anchor leaves, or use ACI 6.1(2) or later"
    `);
});

it("accepts all or none at anchors, those alone that speak, and both since 6.1(2)", () => {
    accepts(attached({ version: "6.0(5)" }));
    accepts(attached({ version: "6.0(5)", anchored: ["east-1", "east-2"] }));
    accepts(
        attached({ version: "6.0(5)", anchored: ["east-2"] }, { ...BGP, nodeSelector: byNode("east-2") }),
    );
    accepts(attached({ version: "6.1(2f)", anchored: ["east-1"] }));
    accepts(attached({ version: "6.2(1)", anchored: ["east-1"] }));
    accepts(attached({ version: "10.0(1)", anchored: ["east-1"] }));
});

it("refuses an anchored node that does not exist", () => {
    expect(
        refuses(
            aci.anchoredNodesExist,
            attached({ version: "6.0(5)", anchored: ["east-1", "east-2", "west-1"] }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.aci.anchored = "west-1"
          is not a node of the cluster
          fix: the nodes are east-1, east-2"
    `);
});

it("refuses what is no release of ACI", () => {
    const mesh = twoClusters();
    mesh.clusters.east.aci = { version: "6.0.5" };
    expect(checkMesh(mesh).problems.map(formatProblem).join("\n")).toMatchInlineSnapshot(`
      "clusters.east.aci.version = "6.0.5"
          must be a release of ACI
          fix: write it as "6.0(5)" or "6.1(2f)""
    `);
});
