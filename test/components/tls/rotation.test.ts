/*
 * That no two clusters distrust one another at any moment of a rotation: the program is run for each step with real keys and
 * certificates, and every cluster asks every other one over TLS, in all that the two may have of two steps that follow one
 * another. What a process trusts is as old as the process; the certificate that it shows is as old as its file.
 * What this does not show: whether the pods are replaced, and etcd and Cilium do what Node does; see trust.lab.ts.
 */
import { beforeAll, describe, expect, it } from "vitest";

import type { MeshDescription } from "../../../model/describe.ts";
import { issue, newCa } from "../../lab/rke2/certificate.ts";
import { MutualServer, type Side } from "../../support/handshake.ts";
import { meshSecrets, type MeshSecrets } from "../../support/mesh-secrets.ts";
import { oneCluster, twoClusters } from "../../support/mesh.ts";
import { realCertificates } from "../../support/real-certificates.ts";

type Certificates = NonNullable<MeshDescription["certificates"]>;

/** What a description says of the CA in each step of a rotation, and then of another one. */
const STEPS: readonly Certificates[] = [
    {},
    { nextCa: "trusted" },
    { nextCa: "signing" },
    { caGeneration: 2 },
    { caGeneration: 2, nextCa: "trusted" },
];

const ADDRESSES: Readonly<Record<string, string>> = {
    east: "192.168.10.200",
    west: "192.168.20.200",
    north: "192.168.30.200",
};
const NAMES = Object.keys(ADDRESSES);
const PAIRS = NAMES.flatMap((from) => NAMES.filter((to) => to !== from).map((to) => [from, to] as const));

const steps: MeshSecrets[] = [];

beforeAll(async () => {
    const state = realCertificates();
    for (const certificates of STEPS) steps.push(await meshSecrets(meshWith(certificates), state));
}, 60_000);

function meshWith(certificates: Certificates): MeshDescription {
    const mesh = { ...twoClusters(), certificates };
    mesh.clusters["north"] = oneCluster(3, "north");
    return mesh;
}

function sideOf(step: number, name: string): Side {
    const found = steps[step]?.get(name);
    if (found === undefined) throw new Error(`there is no ${name} in step ${step}`);
    return found;
}

/** A process that was started in one step, and has the files of another. */
function mixed(trusting: number, showing: number, name: string): Side {
    return { ...sideOf(showing, name), ca: sideOf(trusting, name).ca };
}

/** What a process may have on the way from one step to the next: each of both. */
function halves(step: number): [number, number][] {
    const both = [step, step + 1];
    return both.flatMap((trusting) => both.map((showing): [number, number] => [trusting, showing]));
}

const answers = new Map<string, string>();

/** What a server answers a client. Most steps change one of the three things that a side has: the same question is asked once. */
async function answerOf(server: Side, client: Side, name: string): Promise<string> {
    const question = JSON.stringify([server, client, name]);
    const known = answers.get(question);
    if (known !== undefined) return known;
    const listening = await MutualServer.start(server);
    const answer = await listening.ask(client, name);
    await listening.stop();
    answers.set(question, answer);
    return answer;
}

/** The answers that every cluster gets from every other one, each as `east of [1,2] -> west of [1,1]: admitted`, where it is not admitted. */
async function refusalsBetween(servers: [number, number][], clients: [number, number][]): Promise<string[]> {
    const refusals: string[] = [];
    for (const to of NAMES) {
        for (const server of servers) {
            for (const [from] of PAIRS.filter(([, target]) => target === to)) {
                for (const client of clients) {
                    const answer = await answerOf(
                        mixed(...server, `${to} server`),
                        mixed(...client, `${from} remote`),
                        ADDRESSES[to] ?? "",
                    );
                    if (answer !== "admitted")
                        refusals.push(
                            `${from} of [${client.join()}] -> ${to} of [${server.join()}]: ${answer}`,
                        );
                }
            }
        }
    }
    return refusals;
}

describe("in a rotation", () => {
    it.each(STEPS.map((step, index) => [JSON.stringify(step), index] as const))(
        "every cluster admits every other one with %s",
        async (_, step) => {
            expect(await refusalsBetween([[step, step]], [[step, step]])).toEqual([]);
        },
    );

    it.each(STEPS.slice(1).map((step, index) => [JSON.stringify(step), index] as const))(
        "every cluster admits every other one on the way to %s, whatever each has of it already",
        async (_, step) => {
            expect(await refusalsBetween(halves(step), halves(step))).toEqual([]);
        },
    );

    it("the mesh API's own clients are admitted too, on the way", async () => {
        for (let step = 0; step + 1 < STEPS.length; step++) {
            for (const server of halves(step)) {
                const own = mixed(...server, "east server");
                for (const client of halves(step).flatMap((half) => [
                    mixed(...half, "east local"),
                    mixed(...half, "east admin"),
                ])) {
                    expect(await answerOf(own, client, "clustermesh-apiserver.kube-system.svc")).toBe(
                        "admitted",
                    );
                }
            }
        }
    });

    it("a step that is left out would part the clusters", async () => {
        expect(await refusalsBetween([[2, 2]], [[0, 0]])).toHaveLength(PAIRS.length);
        expect(await refusalsBetween([[3, 3]], [[0, 0]])).toHaveLength(PAIRS.length);
        expect(await refusalsBetween([[3, 3]], [[1, 1]])).toContain(
            "east of [1,1] -> west of [3,3]: refused: SELF_SIGNED_CERT_IN_CHAIN",
        );
    });

    it("no key changes: only who signs", () => {
        for (const [name, side] of steps[0] ?? []) {
            for (const other of steps) expect(other.get(name)?.key).toBe(side.key);
        }
    });

    it("an old CA is trusted no more when it is over", () => {
        const trusted = (step: number) =>
            new Set(
                (sideOf(step, "east server").ca.match(/BEGIN CERTIFICATE[^-]*-+([^-]*)/g) ?? []).map(String),
            );
        expect([0, 1, 2, 3].map((step) => trusted(step).size)).toEqual([1, 2, 2, 1]);
        expect([...trusted(3)].filter((pem) => trusted(0).has(pem))).toEqual([]);
        expect([...trusted(1)]).toEqual([...trusted(0), ...trusted(3)]);
    });
});

describe("with a certificate of another CA", () => {
    it("no cluster admits anyone, and nobody takes anyone for a cluster", async () => {
        const ca = await newCa("test mesh CA");
        const client = await issue(ca, { commonName: "remote" });
        const server = await issue(ca, { commonName: "x", names: Object.values(ADDRESSES) });
        for (const step of STEPS.keys()) {
            const own = sideOf(step, "east server");
            const honest = await MutualServer.start(own);
            expect(
                await honest.ask(
                    { cert: client.certificate, key: client.key, ca: own.ca },
                    ADDRESSES["east"] ?? "",
                ),
            ).toBe("refused: UNABLE_TO_GET_ISSUER_CERT_LOCALLY");
            await honest.stop();
            const impostor = await MutualServer.start({
                cert: server.certificate,
                key: server.key,
                ca: own.ca,
            });
            expect(await impostor.ask(sideOf(step, "west remote"), ADDRESSES["east"] ?? "")).toBe(
                "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            );
            await impostor.stop();
        }
    });
});
