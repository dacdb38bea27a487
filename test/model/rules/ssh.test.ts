import { expect, it } from "vitest";

import * as ssh from "../../../model/rules/ssh.ts";
import { hostKeyOf } from "../../support/mesh.ts";
import { accepts, refuses, warns } from "../../support/rules.ts";

const hostKey = hostKeyOf("another");

it("refuses one machine for two nodes", () => {
    expect(
        refuses(
            ssh.sshTargetsUnique,
            ({ clusters }) =>
                void (clusters.east.agents = {
                    "east-2": { address: "192.168.10.12", ssh: { hostKey, host: "192.168.10.11" } },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.ssh = "192.168.10.11:22"
          leads to the same machine as clusters.east.servers.east-1
          fix: give each node the SSH host or port of its own machine"
    `);
});

it("refuses one machine whose name is written in two ways", () => {
    expect(
        refuses(ssh.sshTargetsUnique, ({ clusters: { east } }) => {
            east.servers = {
                "east-1": {
                    address: "192.168.10.11",
                    ssh: { hostKey: hostKeyOf("east-1"), host: "One.example.net" },
                },
            };
            east.agents = {
                "east-2": {
                    address: "192.168.10.12",
                    ssh: { hostKey: hostKeyOf("east-2"), host: "one.Example.net" },
                },
            };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.ssh = "one.Example.net:22"
          leads to the same machine as clusters.east.servers.east-1
          fix: give each node the SSH host or port of its own machine"
    `);
});

it("accepts two nodes behind one SSH host on different ports", () => {
    accepts(
        ({ clusters }) =>
            void (clusters.east.agents = {
                "east-2": { address: "192.168.10.12", ssh: { hostKey, host: "192.168.10.11", port: 2222 } },
            }),
    );
});

it("refuses a host key that was read from another address", () => {
    expect(
        refuses(
            ssh.hostKeyOfThisHost,
            ({ clusters }) =>
                void (clusters.east.agents = {
                    "east-2": {
                        address: "192.168.10.12",
                        ssh: { hostKey: `[192.168.10.13]:2222 ${hostKey}`, host: "east-2.example.net" },
                    },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.east.agents.east-2.ssh.hostKey = "192.168.10.13"
          is the address this key was read from, but the node is at east-2.example.net and 192.168.10.12
          fix: paste the key of this host; if it is, leave the address before it out"
    `);
});

it("refuses a jump host's key that was read from another address", () => {
    expect(
        refuses(
            ssh.hostKeyOfThisHost,
            (mesh) =>
                void (mesh.ssh = {
                    jumpHost: { host: "203.0.113.1", hostKey: `203.0.113.2,203.0.113.3 ${hostKey}` },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "ssh.jumpHost.hostKey = "203.0.113.2,203.0.113.3"
          is the address this key was read from, but the jump host is at 203.0.113.1
          fix: paste the key of this host; if it is, leave the address before it out"
    `);
});

it.each([
    "192.168.10.12",
    "[192.168.10.12]:2222",
    "203.0.113.12",
    "east-2,203.0.113.12",
    "another-name.example.net",
    "|1|c2FsdA==|aGFzaA==",
])("accepts the key of a line that begins with %s", (prefix) => {
    accepts(
        ({ clusters }) =>
            void (clusters.east.agents = {
                "east-2": {
                    address: "192.168.10.12",
                    ssh: { hostKey: `${prefix} ${hostKey}`, host: "203.0.113.12" },
                },
            }),
    );
});

it("accepts any address before the key of a jump host that is a name", () => {
    accepts(
        (mesh) =>
            void (mesh.ssh = {
                jumpHost: { host: "jump.example.net", hostKey: `203.0.113.2 ${hostKey} a comment` },
            }),
    );
});

it("warns of two nodes with one host key, whatever stands around it", () => {
    expect(
        warns(
            ssh.hostKeysDiffer,
            ({ clusters }) =>
                void (clusters.west.agents = {
                    "west-2": {
                        address: "192.168.20.12",
                        ssh: { hostKey: `192.168.20.12 ${hostKeyOf("east-1")} root@image` },
                    },
                }),
        ),
    ).toMatchInlineSnapshot(`
      "clusters.west.agents.west-2.ssh.hostKey
          is also the host key of clusters.east.servers.east-1: either machine can pose as the other, or one of the two keys was pasted at the wrong place
          fix: make new host keys on machines that were cloned (ssh-keygen -A after deleting the old ones), and pin each host's own"
    `);
});

it("warns of hosts whose keys are not checked, once for a cluster", () => {
    expect(
        warns(ssh.hostKeys, (mesh) => {
            mesh.ssh = { jumpHost: { host: "jump.example.net" } };
            mesh.clusters.east.servers = { "east-1": { address: "192.168.10.11" } };
            mesh.clusters.east.agents = { "east-2": { address: "192.168.10.12" } };
            mesh.clusters.west.ssh = { jumpHost: { host: "jump.example.net", hostKey } };
        }),
    ).toMatchInlineSnapshot(`
      "clusters.east
          SSH host keys are not checked on east-1, east-2: whoever answers at the address gets the cluster's token
          fix: set ssh.hostKey of each node to the line that ssh-keyscan -t ed25519 HOST prints, after comparing it on the host
      clusters.east.ssh.jumpHost = "jump.example.net"
          its host key is not checked
          fix: set hostKey of the jump host"
    `);
});
