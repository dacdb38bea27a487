/*
 * Addresses that are announced by BGP, in one cluster by Cilium and in the other by MetalLB: the real operator's conditions say
 * that it takes every object, and what a wrong object would look like; what the API servers then have is translated for real
 * BGP daemons, which meet the router of the network's owner.
 *
 * No Cilium agent and no MetalLB speaker runs in a lab: what an agent would do first, naming its node to the operator, is done
 * here, and the sessions are GoBGP's.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";
import { z } from "zod";

import { fromConfig, type ClusterDescription } from "../../../model/describe.ts";
import { disagreements } from "../bgp/disagreements.ts";
import { speakersOfCilium } from "../bgp/from-cilium.ts";
import { speakersOfMetalLb } from "../bgp/from-metallb.ts";
import { meet } from "../bgp/meeting.ts";
import { Objects } from "../bgp/objects.ts";
import { Engine } from "../engine/engine.ts";
import { keyFileOf, LabMesh } from "../mesh/lab-mesh.ts";
import { makeEnginePlace } from "../mesh/mesh-place.ts";
import { copyProgram, describe as describeTo } from "../mesh/program.ts";
import { ended } from "../mesh/run-in-lab.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { labCluster, labMesh } from "./descriptions.ts";

const NAME = "announcing";
const SPINE = { name: "spine", address: "10.88.9.1" };
/** What the network's owner has told. */
const PASSWORD = "agreed-by-telephone";

function cluster(name: string, id: number, provider: "metallb" | "lb-ipam"): ClusterDescription {
    return {
        ...labCluster(name, { id, provider }),
        loadBalancer: { provider, pools: { mesh: [`10.20${id}.0.200-10.20${id}.0.219`] } },
        announce: {
            mode: "bgp",
            localASN: 64_510 + id,
            peers: {
                spine: {
                    address: SPINE.address,
                    asn: 65_000,
                    ebgpMultihop: 2,
                    password: fromConfig("spinePassword"),
                    gracefulRestart: {},
                },
            },
            communities: ["65000:100", "65000:1:2", "no-export"],
            ...(provider === "lb-ipam" ? { nodes: { [`${name}-1`]: { routerId: "10.255.0.1" } } } : {}),
        },
    };
}

const mesh = labMesh({ east: cluster("east", 1, "lb-ipam"), west: cluster("west", 2, "metallb") });

let lab: LabMesh;
let program: string;

beforeAll(async () => {
    await LabMesh.close(NAME);
    lab = await LabMesh.open(NAME, mesh, console.log);
    program = await copyProgram(join(lab.lab.folder, "program"));
    await describeTo(program, "lab", mesh);
    await configure("spinePassword", PASSWORD);
    await lab.operate("up", { program });
});

afterAll(() => LabMesh.close(NAME));

it("lets the operator take the pool, and give the mesh API its address from it", async () => {
    await expect
        .poll(() => conditions("ciliumloadbalancerippools.cilium.io", "mesh"), WAIT)
        .toMatchObject({ "cilium.io/PoolConflict": "False" });
    const [pool] = await objects("east", "ciliumloadbalancerippools.cilium.io");
    expect(pool?.status.conditions.map(({ type, message }) => [type, message])).toEqual(
        expect.arrayContaining([
            ["cilium.io/IPsTotal", "20"],
            ["cilium.io/IPsUsed", "1"],
            ["cilium.io/IPsAvailable", "19"],
        ]),
    );
    expect(await conditions("service", "clustermesh-apiserver")).toMatchObject({
        "cilium.io/IPAMRequestSatisfied": "True",
    });
});

it("lets the operator take every object of the sessions", async () => {
    await apply({ apiVersion: "cilium.io/v2", kind: "CiliumNode", metadata: { name: "east-1" }, spec: {} });
    await expect
        .poll(() => conditions("ciliumbgpclusterconfigs.cilium.io", "bgp"), WAIT)
        .toEqual({
            "cilium.io/NoMatchingNode": "False",
            "cilium.io/MissingPeerConfigs": "False",
            "cilium.io/ConflictingClusterConfig": "False",
        });
    const [peerConfig] = await objects("east", "ciliumbgppeerconfigs.cilium.io");
    await expect
        .poll(() => conditions("ciliumbgppeerconfigs.cilium.io", peerConfig?.metadata.name ?? ""), WAIT)
        .toEqual({ "cilium.io/MissingAuthSecret": "False" });
    // What the operator makes of them for the agent.
    const [node] = await objects("east", "ciliumbgpnodeconfigs.cilium.io");
    expect(node).toMatchObject({
        metadata: { name: "east-1" },
        spec: {
            bgpInstances: [
                {
                    name: "bgp",
                    localASN: 64_511,
                    routerID: "10.255.0.1",
                    peers: [
                        {
                            name: "spine",
                            peerASN: 65_000,
                            peerAddress: SPINE.address,
                            peerConfigRef: { name: peerConfig?.metadata.name },
                        },
                    ],
                },
            ],
        },
    });
});

it("says so where an object is wrong", async () => {
    const wrong = [
        {
            apiVersion: "cilium.io/v2",
            kind: "CiliumLoadBalancerIPPool",
            metadata: { name: "wrong" },
            spec: { blocks: [{ start: "10.201.0.219", stop: "10.201.0.230" }] },
        },
        {
            apiVersion: "cilium.io/v2",
            kind: "CiliumBGPPeerConfig",
            metadata: { name: "wrong" },
            spec: { authSecretRef: "nowhere" },
        },
        clusterConfig("wrong", { matchLabels: { "kubernetes.io/hostname": "nobody" } }, "nowhere"),
        clusterConfig("second", {}, "wrong"),
    ];
    for (const object of wrong) await apply(object);
    await expect
        .poll(() => conditions("ciliumbgpclusterconfigs.cilium.io", "wrong"), WAIT)
        .toMatchObject({ "cilium.io/NoMatchingNode": "True", "cilium.io/MissingPeerConfigs": "True" });
    await expect
        .poll(() => conditions("ciliumbgpclusterconfigs.cilium.io", "second"), WAIT)
        .toMatchObject({ "cilium.io/ConflictingClusterConfig": "True" });
    await expect
        .poll(() => conditions("ciliumbgppeerconfigs.cilium.io", "wrong"), WAIT)
        .toEqual({ "cilium.io/MissingAuthSecret": "True" });
    await expect
        .poll(() => conditions("ciliumloadbalancerippools.cilium.io", "wrong"), WAIT)
        .toMatchObject({ "cilium.io/PoolConflict": "True" });
    for (const { kind, metadata } of wrong) await lab.kubectl("east", "delete", kind, metadata.name);
});

it("speaks as the network's owner expects, by the objects that the API servers have", async () => {
    const east = speakersOfCilium(await read("east", CILIUM_KINDS), "east-1");
    const west = speakersOfMetalLb(await read("west", METALLB_KINDS), "west-1");
    const meetings = await meet({
        router: { ...SPINE, toml: await readFile(FIXTURE, "utf8") },
        speakers: [...east, ...west].map((speaker) => ({ speaker, isFar: true })),
        tools: { gobgpd: lab.tools.gobgpd.path, gobgp: lab.tools.gobgp.path },
        seconds: 60,
    });
    expect(meetings.flatMap(disagreements)).toEqual([]);
    expect(
        meetings.map(({ node, nodeEnd, routerEnd, routes }) => ({
            node,
            established: [nodeEnd.isEstablished, routerEnd?.isEstablished],
            restartTime: routerEnd?.neighboursRestartTime,
            routes,
        })),
    ).toEqual(
        [1, 2].map((id) => ({
            node: id === 1 ? "east-1" : "west-1",
            established: [true, true],
            restartTime: 120,
            routes: [
                {
                    prefix: `10.20${id}.0.200/32`,
                    communities: ["65000:100", "65535:65281"],
                    largeCommunities: ["65000:1:2"],
                },
            ],
        })),
    );
});

it("is as it was", async () => {
    await nothingChanges(lab, { program });
});

/** The operator reads again what it has missed after a while. */
const WAIT = { timeout: 90_000, interval: 1000 };
const FIXTURE = join(import.meta.dirname, "../bgp/fixtures/spine.toml");

const CILIUM_KINDS = [
    ...["nodes", "services", "secrets"],
    ...["clusterconfigs", "peerconfigs", "advertisements", "nodeconfigoverrides"].map(
        (kind) => `ciliumbgp${kind}.cilium.io`,
    ),
];
const METALLB_KINDS = [
    ...["nodes", "services", "secrets"],
    ...["ipaddresspools", "communities", "bfdprofiles", "bgpadvertisements", "bgppeers"].map(
        (kind) => `${kind}.metallb.io`,
    ),
];

const list = z.object({ items: z.array(z.unknown()) });
const withConditions = z.looseObject({
    metadata: z.object({ name: z.string() }),
    status: z
        .object({
            conditions: z
                .array(z.object({ type: z.string(), status: z.string(), message: z.string() }))
                .default([]),
        })
        .default({ conditions: [] }),
});

async function read(name: string, kinds: readonly string[]): Promise<Objects> {
    const text = await lab.kubectl(name, "get", kinds.join(), "--all-namespaces", "--output", "json");
    return new Objects(list.parse(JSON.parse(text)).items);
}

async function objects(name: string, kind: string) {
    const text = await lab.kubectl(name, "get", kind, "--all-namespaces", "--output", "json");
    return z.array(withConditions).parse(list.parse(JSON.parse(text)).items);
}

/** What the operator of east says of an object. */
async function conditions(kind: string, name: string): Promise<Readonly<Record<string, string>>> {
    const found = (await objects("east", kind)).find(({ metadata }) => metadata.name === name);
    return Object.fromEntries(found?.status.conditions.map(({ type, status }) => [type, status]) ?? []);
}

/** Gives an object to the API server of east. */
async function apply(object: object): Promise<void> {
    const { status, stderr } = await ended([
        ...["bash", "-c", 'printf %s "$0" | "$@"', JSON.stringify(object)],
        ...lab.kubectlArgv("east", ["apply", "--filename", "-"]),
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: "" });
}

function clusterConfig(name: string, nodeSelector: object, peerConfig: string) {
    const peer = {
        name: "other",
        peerASN: 65_000,
        peerAddress: "10.88.9.9",
        peerConfigRef: { name: peerConfig },
    };
    return {
        apiVersion: "cilium.io/v2",
        kind: "CiliumBGPClusterConfig",
        metadata: { name },
        spec: { nodeSelector, bgpInstances: [{ name, localASN: 64_511, peers: [peer] }] },
    };
}

/** A further secret of the stack's configuration. */
async function configure(key: string, value: string): Promise<void> {
    const file = join(lab.lab.folder, key);
    await writeFile(file, value, { mode: 0o600 });
    const place = await makeEnginePlace(lab.lab, {
        tools: lab.tools,
        stack: "lab",
        sshKey: keyFileOf(lab.lab),
    });
    const { status, output } = await new Engine({ ...place, secrets: { [key]: file } }).operate("configure", {
        program,
    });
    if (status !== 0) throw new Error(`the stack does not take ${key}: ${output}`);
}
