/*
 * That clusters with a CA that the user brings trust one another, and nobody else: with real keys and certificates, and real
 * TLS handshakes.
 */
import * as pulumi from "@pulumi/pulumi";
import { beforeAll, describe, expect, it } from "vitest";

import { fromConfig, type MeshDescription } from "../../../model/describe.ts";
import { authority, type Authority } from "../../support/authorities.ts";
import { MutualServer, type Side } from "../../support/handshake.ts";
import { meshSecrets, type MeshSecrets } from "../../support/mesh-secrets.ts";
import { twoClusters } from "../../support/mesh.ts";
import { testSecrets } from "../../support/program.ts";
import { realCertificates } from "../../support/real-certificates.ts";

type Certificates = NonNullable<MeshDescription["certificates"]>;

let root: Authority;
let intermediate: Authority;
let other: Authority;

beforeAll(async () => {
    root = await authority("Example root");
    intermediate = await authority("Example mesh CA", { under: root });
    other = await authority("Example other CA", { under: root });
});

const state = realCertificates();

function secretsWith(certificates: Certificates): Promise<MeshSecrets> {
    const keys: Readonly<Record<string, string>> = { meshCaKey: intermediate.key, rootKey: root.key };
    return meshSecrets({ ...twoClusters(), certificates }, state, {
        ...testSecrets,
        get: (key) => pulumi.secret(keys[key] ?? ""),
    });
}

function side(secrets: MeshSecrets, name: string): Side {
    const found = secrets.get(name);
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
}

async function answer(server: Side, client: Side): Promise<string> {
    const listening = await MutualServer.start(server);
    const said = await listening.ask(client, "192.168.10.200");
    await listening.stop();
    return said;
}

const count = (pems: string) => pems.match(/BEGIN CERTIFICATE/g)?.length ?? 0;

describe("a CA that the user brings", () => {
    it("may be a root, which signs itself", async () => {
        const secrets = await secretsWith({
            ca: { certificate: root.cert, privateKey: fromConfig("rootKey") },
        });
        const [server, client] = [side(secrets, "east server"), side(secrets, "west remote")];
        expect([count(server.cert), server.ca]).toEqual([1, root.cert]);
        expect(await answer(server, client)).toBe("admitted");
    });

    it("may be an intermediate one, which every certificate brings along, below a root that is trusted", async () => {
        const certificate = `${intermediate.cert}${root.cert}`;
        const secrets = await secretsWith({ ca: { certificate, privateKey: fromConfig("meshCaKey") } });
        const [server, client] = [side(secrets, "east server"), side(secrets, "west remote")];
        expect([count(server.cert), server.ca]).toEqual([2, root.cert]);
        expect(server.cert.endsWith(intermediate.cert)).toBe(true);
        expect(await answer(server, client)).toBe("admitted");
    });

    it("may be an intermediate one that is trusted by itself: what the root signs elsewhere is refused", async () => {
        const ca = { certificate: intermediate.cert, privateKey: fromConfig("meshCaKey") };
        const secrets = await secretsWith({ ca });
        const [server, client] = [side(secrets, "east server"), side(secrets, "west remote")];
        expect([count(server.cert), server.ca]).toEqual([1, intermediate.cert]);
        expect(await answer(server, client)).toBe("admitted");
        const foreign = await authority("remote", { under: other, isCa: false });
        expect(await answer(server, { ...client, ...foreign, cert: `${foreign.cert}${other.cert}` })).toBe(
            "refused: UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        );
    });

    it("can follow one that was made here, and nobody distrusts anybody on the way", async () => {
        const ca = { certificate: intermediate.cert, privateKey: fromConfig("meshCaKey") };
        const steps = await inTurn([
            {},
            { nextCa: "trusted", nextCaFrom: ca },
            { nextCa: "signing", nextCaFrom: ca },
            { caGeneration: 2, ca },
        ]);
        for (const [index, later] of steps.entries()) {
            const earlier = steps[Math.max(0, index - 1)] ?? later;
            for (const server of [earlier, later]) {
                for (const client of [earlier, later]) {
                    expect(await answer(side(server, "east server"), side(client, "west remote"))).toBe(
                        "admitted",
                    );
                }
            }
        }
        expect(side(steps[3] ?? new Map(), "east server").ca).toBe(intermediate.cert);
    });
});

async function inTurn(all: readonly Certificates[]): Promise<MeshSecrets[]> {
    const done: MeshSecrets[] = [];
    for (const certificates of all) done.push(await secretsWith(certificates));
    return done;
}
