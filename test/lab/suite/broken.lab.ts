/*
 * Programs that are broken on purpose, run as the right one is: each of the suite's checks must notice what it is there for. The
 * right program goes first, as a check that always fails would notice everything.
 */
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import type { Run } from "../engine/engine.ts";
import { LabMesh } from "../mesh/lab-mesh.ts";
import { copyProgram, describe as describeTo, edit, type Edit } from "../mesh/program.ts";
import { ArgumentSampler } from "./checks/argument-sampler.ts";
import { everyPairConnected } from "./checks/every-pair-connected.ts";
import { noSecretLeaks } from "./checks/no-secret-leaks.ts";
import { nothingChanges } from "./checks/nothing-changes.ts";
import { orderOnTheWire } from "./checks/order-on-the-wire.ts";
import {
    CA_KEY_IN_VALUES,
    NOTHING_WAITS,
    SLOW_CERTIFICATES,
    TOKEN_IN_THE_OPEN,
    WRONG_ADDRESS_IN_CERTIFICATE,
    WRONG_PEER_ADDRESS,
} from "./broken/mistakes.ts";
import { smallMesh } from "./descriptions.ts";

const NAME = "broken";

afterAll(() => LabMesh.close(NAME));

describe("the right program", () => {
    it("passes every check", async () => {
        const up = await deploy([]);
        expect(up.run.status).toBe(0);
        expect(await failures(up)).toEqual({ connected: [], order: [], secrets: [] });
        await nothingChanges(up.lab, { program: up.program });
    });
});

describe("a program that is broken on purpose", () => {
    it("is noticed if a certificate names the wrong address", async () => {
        const up = await deploy(WRONG_ADDRESS_IN_CERTIFICATE);
        // Nothing in the program itself can see it.
        expect(up.run.status).toBe(0);
        expect(await failures(up)).toEqual({
            connected: [
                "east cannot ask the mesh API of west at 10.88.2.200: ERR_TLS_CERT_ALTNAME_INVALID " +
                    "Hostname/IP does not match certificate's altnames: IP: 10.88.2.200 is not in the cert's list: " +
                    "127.0.0.1, ::1, 10.88.2.250",
            ],
            order: [],
            secrets: [],
        });
        expect(await connectedPairs(up.lab)).toEqual([]);
    });

    it("is noticed if peers are told the wrong address", async () => {
        const up = await deploy(WRONG_PEER_ADDRESS);
        expect(up.run.status).toBe(0);
        expect(await failures(up)).toEqual({
            connected: [
                "east is told that the mesh API of west is at https://10.88.2.201:2379, but it is at https://10.88.2.200:2379",
            ],
            order: [],
            secrets: [],
        });
        expect(await connectedPairs(up.lab)).toEqual([]);
    });

    it("is noticed if dependencies are missing, although everything comes up", async () => {
        const up = await deploy([...SLOW_CERTIFICATES, ...NOTHING_WAITS]);
        expect(up.run.status).toBe(0);
        const { connected, order, secrets } = await failures(up);
        expect({ connected, secrets }).toEqual({ connected: [], secrets: [] });
        const chart = ["admin", "local", "remote", "server"].flatMap((leaf) =>
            ["east", "west"].map(
                (cluster) =>
                    `the Secret clustermesh-apiserver-${leaf}-cert of ${cluster} was made at TIME, after Cilium's chart had begun at TIME`,
            ),
        );
        expect(
            order.map((line) => line.replace(/\d+ s/, "N s").replaceAll(/\d{4}-\S+Z/g, "TIME")).sort(),
        ).toEqual(
            [
                ...chart,
                "west-l2-policy was begun N s before west had its kind CiliumL2AnnouncementPolicy",
                "west-lb-ipam-mesh was begun N s before west had its kind CiliumLoadBalancerIPPool",
            ].sort(),
        );
    });

    it("is noticed if secrets are in a chart's values, in arguments or in a log", async () => {
        // Here the chart waits for the certificates, as it should: so it is not the delay that is noticed above.
        const up = await deploy([...SLOW_CERTIFICATES, ...CA_KEY_IN_VALUES, ...TOKEN_IN_THE_OPEN]);
        expect(up.run.status).toBe(0);
        const { connected, order, secrets } = await failures(up);
        expect({ connected, order }).toEqual({ connected: [], order: [] });
        const { folder } = up.lab.lab;
        // The key is a secret in the chart's values, too: in base64. The token is one wherever it was put.
        const [key, token] = ["(?:ca-key|(?:east|west)-cilium-chart)", "(?:east-east|west-west)-1-install"];
        const expected = [
            `${key} the engine's output of run 1`,
            `${key} the engine's events of run 1`,
            `${key} ${folder}/engine/state/.pulumi/(?:stacks|history|backups)/.*`,
            ...["east", "west"].flatMap((cluster) => {
                const disk = `${folder}/hosts/${cluster}-1/upper`;
                return [
                    `${key} the ConfigMap kube-system/cilium-config of ${cluster}`,
                    `${key} the Helm release kube-system/sh.helm.release.v1.cilium.v1 of ${cluster}`,
                    `${key} ${disk}/var/lib/kubelet/pods/.*/ca-key`,
                    `${key} ${disk}/var/lib/rancher/rke2/server/db/etcd/.*`,
                    // The operator logs what it is configured with.
                    `${key} ${disk}/var/log/pods/kube-system_cilium-operator-.*`,
                    `${token} the arguments of (?:bash|timeout|sudo|ssh) (?:on ${cluster}-1|in the lab)`,
                    `${token} ${disk}/var/log/multicluster.log`,
                ];
            }),
        ].map((line) => new RegExp(`^${line.replace(" ", String.raw`\.\S+ is in `)}$`));
        expect(expected.filter((line) => !secrets.some((secret) => line.test(secret)))).toEqual([]);
        expect(secrets.filter((secret) => !expected.some((line) => line.test(secret)))).toEqual([]);
    });
});

/** A mesh from nothing, by a program with some edits. */
interface Deployed {
    readonly lab: LabMesh;
    readonly program: string;
    readonly run: Run;
    readonly sampler: ArgumentSampler;
}

async function deploy(edits: readonly Edit[]): Promise<Deployed> {
    await LabMesh.close(NAME);
    const lab = await LabMesh.open(NAME, smallMesh(), console.log);
    const program = await copyProgram(join(lab.lab.folder, "program"));
    await describeTo(program, "lab", smallMesh());
    await edit(program, edits);
    const sampler = new ArgumentSampler(lab.lab);
    sampler.start();
    const run = await lab.attempt("up", { program });
    await sampler.stop();
    if (run.status !== 0) console.error(run.output);
    return { lab, program, run, sampler };
}

/** What each check has to say, line by line; nothing of one that passes. */
async function failures({ lab, run, sampler }: Deployed) {
    return {
        connected: await failure(() => everyPairConnected(lab)),
        order: await failure(() => orderOnTheWire(lab, run)),
        secrets: await failure(() => noSecretLeaks(lab, { runs: [run], seen: sampler.seen })),
    };
}

async function failure(check: () => Promise<void>): Promise<string[]> {
    try {
        await check();
        return [];
    } catch (error) {
        if (!(error instanceof Error)) throw error;
        // The first line of several says what they are about.
        const lines = error.message.split("\n");
        return lines.length > 1 ? lines.slice(1) : lines;
    }
}

async function connectedPairs(lab: LabMesh): Promise<string[]> {
    return (await lab.pairs()).flatMap(({ from, to, ready }) => (ready ? [`${from} -> ${to}`] : []));
}
