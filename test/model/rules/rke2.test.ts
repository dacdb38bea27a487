import { expect, it } from "vitest";

import { fromConfig } from "../../../model/describe.ts";
import * as rke2 from "../../../model/rules/rke2.ts";
import { highlyAvailable, type TwoClusters } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

it("refuses kube-vip without an address, and with a name", () => {
    expect(
        refuses(rke2.kubeVipHasAnAddress, ({ clusters: { east, west } }) => {
            east.kubeVip = {};
            west.kubeVip = {};
            west.apiAddress = "api.west.example.net";
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.kubeVip
          needs the address that the servers are to hold as apiAddress
          fix: set apiAddress to a free address of nodeCidr
      clusters.west.kubeVip = "api.west.example.net"
          needs the address that the servers are to hold as apiAddress
          fix: set apiAddress to a free address of nodeCidr"
    `);
});

it("refuses kube-vip with an address of another network", () => {
    expect(
        refuses(rke2.kubeVipHasAnAddress, ({ clusters: { east } }) => {
            east.kubeVip = { interface: "eth1" };
            east.apiAddress = "192.168.99.5";
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.apiAddress = "192.168.99.5"
          lies outside nodeCidr (192.168.10.0/24): kube-vip holds an address of the servers' own network
          fix: choose a free address of nodeCidr"
    `);
});

it("accepts kube-vip with a free address of the nodes' network", () => {
    accepts(({ clusters: { east } }) => {
        east.kubeVip = {};
        east.apiAddress = "192.168.10.5";
    });
});

function lose(...names: string[]) {
    return ({ clusters: { east } }: TwoClusters) => {
        for (const name of names) {
            const node = east.servers[name] ?? east.agents?.[name];
            if (node !== undefined) node.lost = true;
        }
    };
}

it("refuses to lose a majority", () => {
    expect(refuses(rke2.someServersLeft, lose("east-1", "east-2"), { mesh: highlyAvailable() }))
        .toMatchInlineSnapshot(`
      "clusters.east.servers = ["east-1","east-2"]
          are lost, 2 of 3 servers: the others are no majority, so etcd no longer answers and no node can be taken out
          fix: leave lost out, and bring the cluster back from a snapshot with the servers that are left: npm run restore"
    `);
});

it("says what losing a node means, and lets two servers stand for a while", () => {
    const mesh = highlyAvailable();
    const spoil = (described: TwoClusters) => {
        lose("east-2", "east-4")(described);
        const { "east-2": lost, ...others } = described.clusters.east.servers;
        if (lost !== undefined) described.clusters.east.servers = { ...others, "east-2": lost };
    };
    expect(warns(rke2.lostNodes, spoil, { mesh })).toMatchInlineSnapshot(`
      "clusters.east.servers.east-2.lost = true
          takes the node out of its cluster and asks its host nothing: RKE2 and its data stay there
          fix: leave the node out of the description after this up; run rke2-uninstall.sh on the host if it ever comes back
      clusters.east.agents.east-4.lost = true
          takes the node out of its cluster and asks its host nothing: RKE2 and its data stay there
          fix: leave the node out of the description after this up; run rke2-uninstall.sh on the host if it ever comes back"
    `);
});

it("says what it means that a whole cluster is lost", () => {
    expect(
        warns(rke2.lostClusters, ({ clusters: { west } }) => {
            west.lost = true;
        }),
    ).toMatchInlineSnapshot(`
      "clusters.west.lost = true
          leaves all of the cluster as it was: what changes in the description does not reach it, and no rotation of the CA can go on without it
          fix: take lost out when its hosts answer again, and run up; if they never will, run up with it, and leave the cluster out in a change after that"
    `);
});

it("refuses half a login, two logins, and half a certificate", () => {
    expect(
        refuses(rke2.oneLogin, ({ clusters: { east } }) => {
            east.rke2 = {
                registries: {
                    configs: {
                        "a.example": { auth: { username: "me" } },
                        "b.example": {
                            auth: { username: "me", password: fromConfig("p"), token: fromConfig("t") },
                        },
                        "c.example": { tls: { certFile: "/etc/ssl/c.pem" } },
                        "d.example": { auth: { token: fromConfig("t") } },
                    },
                },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.registries.configs.a.example.auth
          must have a username and a password, or a token alone
          fix: leave out what is too much, or add what is missing
      clusters.east.rke2.registries.configs.b.example.auth
          must have a username and a password, or a token alone
          fix: leave out what is too much, or add what is missing
      clusters.east.rke2.registries.configs.c.example.tls
          has only one of certFile and keyFile: a client's certificate needs its key
          fix: name both, or neither"
    `);
});

it("refuses that a controller upgrades what it has not installed", () => {
    expect(
        refuses(rke2.controllerUpgradesTarballs, ({ clusters: { east } }) => {
            east.rke2 = { upgrade: { by: "system-upgrade-controller" }, install: { method: "rpm" } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.upgrade.by = "system-upgrade-controller"
          replaces RKE2's binary alone, and this cluster's comes by the method rpm: packages or copied images would stay behind
          fix: write upgrade: { by: "ssh" }, or install by the method "tar""
    `);
    accepts(({ clusters: { east } }) => {
        east.rke2 = { upgrade: { by: "system-upgrade-controller" } };
    });
});

it("refuses snapshots that are described twice", () => {
    expect(
        refuses(rke2.snapshotsOnce, ({ clusters: { east } }) => {
            east.rke2 = { snapshots: { retention: 9 }, config: { "etcd-snapshot-retention": 3 } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.rke2.config.etcd-snapshot-retention
          is set beside rke2.snapshots, which sets it too
          fix: say it in rke2.snapshots, or leave that out and set all in rke2.config"
    `);
    accepts(({ clusters: { east } }) => {
        east.rke2 = { config: { "etcd-snapshot-retention": 3 } };
    });
});
