import { describe, expect, it } from "vitest";

import { checkMesh } from "../../model/check.ts";
import type { MeshDescription } from "../../model/describe.ts";
import { hostNeeds, hostPeers } from "../../model/support/host-needs.ts";
import { preflightScript } from "../../ops/preflight-args.ts";
import { preflightArgs } from "../../stacks/preflight-args.ts";
import { twoClusters } from "../support/mesh.ts";

function firstNode(description: MeshDescription) {
    const { mesh } = checkMesh(description);
    const [cluster] = mesh?.clusters ?? [];
    const [node] = cluster?.servers ?? [];
    if (mesh === undefined || cluster === undefined || node === undefined) throw new Error("no node");
    return { mesh, cluster, node };
}

const argsOf = (description: MeshDescription) => {
    const { mesh, cluster, node } = firstNode(description);
    return preflightArgs(node, cluster, mesh);
};

describe("what the preflight of a host must know", () => {
    it("is what the description says and means", () => {
        const { mesh, cluster, node } = firstNode(twoClusters());
        expect(preflightArgs(node, cluster, mesh)).toEqual({
            rke2Version: "v1.35.7+rke2r1",
            needs: hostNeeds(cluster, "server"),
            peers: hostPeers(node, cluster, mesh),
            install: { method: "tar", url: "https://get.rke2.io" },
            firewalld: "off",
            prepare: true,
            selinux: false,
            ignore: [],
        });
    });

    it("has the balancer's address, unless the servers are to hold it", () => {
        const description = twoClusters();
        description.clusters.east.apiAddress = "192.168.10.100";
        expect(argsOf(description).registration).toBe("192.168.10.100");
        description.clusters.east.kubeVip = {};
        expect(argsOf(description)).not.toHaveProperty("registration");
    });

    it("has the way out, with what is asked directly", () => {
        const description = twoClusters();
        description.rke2.proxy = { httpsProxy: "http://proxy.example.net:3128" };
        expect(argsOf(description).proxy).toContain(
            "HTTPS_PROXY=http://proxy.example.net:3128\nNO_PROXY=localhost,127.0.0.0/8,::1,10.10.0.0/16,10.11.0.0/16,192.168.10.0/24,192.168.10.11,192.168.20.0/24,.svc,.cluster.local\n",
        );
    });

    it("has no address of RKE2's where nothing is downloaded", () => {
        const description = twoClusters();
        description.rke2.install = { method: "air-gap", artifacts: { directory: "/srv/rke2" } };
        expect(argsOf(description).install).toEqual({ method: "air-gap" });
    });

    it("has SELinux as the node's own configuration says", () => {
        const description = twoClusters();
        description.rke2.config = { selinux: true };
        expect(argsOf(description).selinux).toBe(true);
        const { "east-1": server = { address: "" } } = description.clusters.east.servers;
        description.clusters.east.servers = { "east-1": { ...server, config: { selinux: "false" } } };
        expect(argsOf(description).selinux).toBe(false);
    });
});

it("the script of a host begins with them and looks for itself", () => {
    const { mesh, cluster, node } = firstNode(twoClusters());
    const script = preflightScript(node, cluster, mesh);
    expect(script).toContain("\nNODE_NAME='east-1'\n");
    expect(script).toMatch(/\nmain <\/dev\/null\n$/);
});
