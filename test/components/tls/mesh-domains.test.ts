/*
 * That every cluster is taken for itself by the name it is called by, while the mesh changes its domain step by step: the program
 * is run for each step with real certificates, and asked over TLS in all that two clusters may have of two steps that follow one
 * another; and that without the steps it would not be.
 */
import { beforeAll, expect, it } from "vitest";

import type { MeshDescription } from "../../../model/describe.ts";
import { meshDomainOf } from "../../../model/mesh-api.ts";
import { MutualServer, type Side } from "../../support/handshake.ts";
import { highlyAvailable } from "../../support/mesh.ts";
import { meshSecrets, type MeshSecrets } from "../../support/mesh-secrets.ts";
import { realCertificates } from "../../support/real-certificates.ts";

const [OLD, NEW] = ["old.example.net", "new.example.net"];

/** What a mesh says of its domains, from none to one and on to another. */
const STEPS: readonly (readonly string[])[] = [
    [],
    ["mesh.cilium.io", OLD],
    [OLD],
    [OLD, NEW],
    [NEW, OLD],
    [NEW],
];

const made: MeshSecrets[] = [];

beforeAll(async () => {
    const state = realCertificates();
    for (const domains of STEPS) made.push(await meshSecrets(meshIn(domains), state));
}, 60_000);

/** West is reached at each of its servers, and so by its name in the mesh. */
function meshIn(domains: readonly string[]): MeshDescription {
    const mesh = highlyAvailable();
    mesh.clusters.west.meshApi = { type: "NodePort" };
    if (domains.length > 0) mesh.mesh = { topology: "full", domains: [...domains] };
    return mesh;
}

function sideOf(step: number, name: "west server" | "east remote"): Side {
    const found = made[step]?.get(name);
    if (found === undefined) throw new Error(`there is no certificate ${name} in step ${step}`);
    return found;
}

/** What east hears when it calls west as one step has it, and west shows the certificate of another. */
async function call(calling: number, showing: number): Promise<string> {
    const server = await MutualServer.start(sideOf(showing, "west server"));
    try {
        return await server.ask(
            sideOf(calling, "east remote"),
            `west.${meshDomainOf({ domains: STEPS[calling] ?? [] })}`,
        );
    } finally {
        await server.stop();
    }
}

it.each(STEPS.slice(1).map((domains, index) => ({ domains, before: index, after: index + 1 })))(
    "is admitted by its name on the way to $domains, whatever each has of it already",
    async ({ before, after }) => {
        for (const calling of [before, after]) {
            for (const showing of [before, after]) {
                expect([calling, showing, await call(calling, showing)]).toEqual([
                    calling,
                    showing,
                    "admitted",
                ]);
            }
        }
    },
);

it("is not admitted where a step is left out", async () => {
    const [none, old, both, last] = [0, 2, 4, 5];
    expect(await call(old, none)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(await call(both, old)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
    expect(await call(old, last)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
});
