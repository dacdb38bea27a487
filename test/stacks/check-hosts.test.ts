/* Which hosts of a mesh are looked at, by what, and which of the others each of them asks. */
import { describe, expect, test } from "vitest";

import { bashScript } from "../../components/host/bash.ts";
import { PREFLIGHT_SCRIPT, preflightVariables } from "../../components/rke2/preflight.ts";
import { checkMesh } from "../../model/check.ts";
import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import type { Mesh } from "../../model/resolved.ts";
import { record } from "../../plan/record.ts";
import { checkHosts } from "../../stacks/check-hosts.ts";
import { preflightArgs } from "../../stacks/preflight-args.ts";
import { sshArgs } from "../../stacks/ssh.ts";
import { highlyAvailable, hostKeyOf, twoClusters } from "../support/mesh.ts";
import { testSecrets } from "../support/program.ts";

const COMPONENT = "urn:pulumi:test::multicluster::multicluster:mesh:Preflight";

function resolved(description: MeshDescription): Mesh {
    const { mesh } = checkMesh(description);
    if (mesh === undefined) throw new Error("the shape is wrong");
    return mesh;
}

async function checked(description: MeshDescription) {
    const mesh = resolved(description);
    const { resources, outputs } = await record(
        () => ({ count: checkHosts("preflight", mesh, testSecrets).length }),
        { project: "multicluster", stack: "test" },
    );
    return { mesh, resources, count: outputs.count };
}

/** A variable of the script that each preflight runs, by the preflight. */
async function variables(description: MeshDescription, name: string) {
    const { resources } = await checked(description);
    return Object.fromEntries(
        resources
            .slice(1)
            .map(({ name: preflight, inputs: { stdin } }) => [
                preflight.replace(/-preflight$/, ""),
                typeof stdin === "string"
                    ? new RegExp(`^${name}='([^']*)'$`, "m").exec(stdin)?.[1]
                    : undefined,
            ]),
    );
}

/** The names of those that each host asks, once for each of their addresses. */
async function asked(description: MeshDescription) {
    const peers = await variables(description, "PEERS");
    return Object.fromEntries(
        Object.entries(peers).map(([name, lines = ""]) => [
            name,
            lines.split("\n").flatMap((line) => (line === "" ? [] : [line.split(" ")[0]])),
        ]),
    );
}

describe("the hosts of a mesh", () => {
    test("are looked at side by side below one component, and wait for nothing", async () => {
        const { resources, count } = await checked(twoClusters());
        expect(resources[0]).toMatchObject({ urn: `${COMPONENT}::preflight`, custom: false, inputs: {} });
        expect(
            resources
                .slice(1)
                .map(({ type, name, parent, dependsOn, secretPaths }) => [
                    type,
                    name,
                    parent,
                    dependsOn,
                    secretPaths,
                ]),
        ).toEqual(
            ["east-east-1", "east-east-2", "west-west-1", "west-west-2"].map((node) => [
                "command:remote:Command",
                `${node}-preflight`,
                `${COMPONENT}::preflight`,
                [],
                ["connection", "stdin"],
            ]),
        );
        expect(count).toBe(4);
    });

    test("are told what their node needs, over their own SSH", async () => {
        const description = twoClusters();
        description.ssh = { user: "ops", port: 2222, auth: { privateKey: fromConfig("sshKey") } };
        const { mesh, resources } = await checked(description);
        const [east] = mesh.clusters;
        const [node] = east?.agents ?? [];
        if (east === undefined || node === undefined) throw new Error("east has no agent");
        const args = preflightArgs(node, east, mesh);
        const peers = args.peers.filter(({ name }) => name === "east-1");
        expect(peers).toHaveLength(1);
        expect(resources[2]?.inputs).toEqual({
            connection: {
                host: "192.168.10.12",
                port: 2222,
                user: "ops",
                privateKey: "<secret sshKey>",
                hostKey: hostKeyOf("east-2"),
                dialErrorLimit: 10,
                perDialTimeout: 15,
            },
            create: "sudo -n timeout -k 10 120 bash -euo pipefail -s",
            stdin: bashScript(
                PREFLIGHT_SCRIPT,
                preflightVariables({
                    ...args,
                    node: { ...node, ssh: sshArgs(node.ssh, testSecrets) },
                    peers,
                }),
            ),
            logging: "none",
            addPreviousOutputInEnv: false,
        });
    });
});

describe("a host asks those that are described before it", () => {
    test("in its own cluster and the others: each pair is tried once", async () => {
        expect(await asked(twoClusters())).toEqual({
            "east-east-1": [],
            "east-east-2": ["east-1"],
            "west-west-1": ["east/east-1", "east/east-2"],
            "west-west-2": ["west-1", "east/east-1", "east/east-2"],
        });
    });

    test("at each of their addresses", async () => {
        const mesh = twoClusters();
        for (const [index, cluster] of [mesh.clusters.east, mesh.clusters.west].entries()) {
            const id = index + 1;
            cluster.podCidr = [`10.${id}0.0.0/16`, `fd00:${id}0::/56`];
            cluster.serviceCidr = [`10.${id}1.0.0/16`, `fd00:${id}1::/112`];
            cluster.nodeCidr = [`192.168.${id}0.0/24`, `fd00:c0:${id}0::/64`];
            for (const nodes of [cluster.servers, cluster.agents ?? {}]) {
                for (const node of Object.values(nodes)) {
                    const last = String(node.address).split(".").at(-1) ?? "";
                    node.address = [`192.168.${id}0.${last}`, `fd00:c0:${id}0::${last}`];
                }
            }
        }
        expect(await asked(mesh)).toMatchObject({
            "east-east-2": ["east-1", "east-1"],
            "west-west-1": ["east/east-1", "east/east-1", "east/east-2", "east/east-2"],
        });
    });

    test("but not of clusters that it is in no mesh with", async () => {
        const mesh = twoClusters();
        mesh.clusters["north"] = {
            ...twoClusters().clusters.east,
            id: 3,
            podCidr: "10.30.0.0/16",
            serviceCidr: "10.31.0.0/16",
            nodeCidr: "192.168.30.0/24",
            servers: { "north-1": { address: "192.168.30.11" } },
            agents: {},
            loadBalancer: { provider: "metallb", pools: { mesh: ["192.168.30.200-192.168.30.219"] } },
        };
        mesh.mesh = { topology: "hubs", hubs: ["east"] };
        expect(await asked(mesh)).toEqual({
            "east-east-1": [],
            "east-east-2": ["east-1"],
            "west-west-1": ["east/east-1", "east/east-2"],
            "west-west-2": ["west-1", "east/east-1", "east/east-2"],
            "north-north-1": ["east/east-1", "east/east-2"],
        });
    });

    test("and a node more at the end asks nothing anew of the others", async () => {
        const before = await checked(twoClusters());
        const mesh = twoClusters();
        mesh.clusters.west.agents = {
            ...mesh.clusters.west.agents,
            "west-3": { address: "192.168.20.13", ssh: { hostKey: hostKeyOf("west-3") } },
        };
        const after = await checked(mesh);
        expect(after.resources.slice(0, -1)).toEqual(before.resources);
        expect(after.resources.at(-1)?.name).toBe("west-west-3-preflight");
    });
});

test("a lost host is neither looked at nor asked for", async () => {
    const mesh = highlyAvailable();
    const [lost] = Object.values(mesh.clusters.east.servers);
    if (lost === undefined) throw new Error("east has no server");
    lost.lost = true;
    const { "east-east-2": second, ...others } = await asked(mesh);
    expect(second).toEqual([]);
    expect(Object.keys(others)).not.toContain("east-east-1");
    expect(Object.values(others).flat()).not.toContain("east/east-1");
    expect(Object.values(others).flat()).not.toContain("east-1");
});

test("the hosts of a lost cluster are neither looked at nor asked for", async () => {
    const mesh = highlyAvailable();
    mesh.clusters.east.lost = true;
    const hosts = await asked(mesh);
    expect(Object.keys(hosts).filter((name) => name.startsWith("east-"))).toEqual([]);
    expect(
        Object.values(hosts)
            .flat()
            .filter((name) => name?.startsWith("east/")),
    ).toEqual([]);
    expect(Object.keys(hosts)).not.toEqual([]);
});
