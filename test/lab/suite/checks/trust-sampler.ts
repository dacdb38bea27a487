import { fileURLToPath } from "node:url";
import { setTimeout as pause } from "node:timers/promises";

import { z } from "zod";

import { meshApiAddresses } from "../../../../model/mesh-api.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { endedWithInput } from "../with-input.ts";
import { meshApiAnswer, type MeshApiAnswer } from "./mesh-api-question.ts";
import { readSecret } from "./read-secret.ts";

const CLIENT = fileURLToPath(new URL("mesh-api-client.ts", import.meta.url));

const tlsSecret = z.object({ "ca.crt": z.string(), "tls.crt": z.string(), "tls.key": z.string() });

/** What a connection fails with when nobody listens just then; all else says that one side does not take the other. */
const NOBODY_THERE: ReadonlySet<string> = new Set([
    ...["ECONNREFUSED", "ECONNRESET", "EHOSTUNREACH", "ENETUNREACH", "EPIPE", "ETIMEDOUT", ""],
]);

/** What was found while something else went on. */
export interface Sampled {
    /** How many times a cluster was let in. */
    readonly answered: number;
    /** Every time one side did not take the other's certificate, as `east -> west: CODE message`. */
    readonly refused: readonly string[];
}

/**
 * Asks, again and again, the mesh API of each cluster with what each of its peers has at that moment to ask it with. A pod that
 * is being replaced may not answer; that a certificate is refused must not happen.
 */
export class TrustSampler {
    readonly #lab: LabMesh;
    readonly #refused: string[] = [];
    readonly #done: Promise<void>;
    #answered = 0;
    #stopping = false;

    private constructor(lab: LabMesh) {
        this.#lab = lab;
        this.#done = this.#run();
        // Who awaits it in `stop` is told.
        this.#done.catch(() => undefined);
    }

    static start(lab: LabMesh): TrustSampler {
        return new TrustSampler(lab);
    }

    /** What was found so far, once the last question is answered. */
    async stop(): Promise<Sampled> {
        this.#stopping = true;
        await this.#done;
        return { answered: this.#answered, refused: this.#refused };
    }

    async #run(): Promise<void> {
        while (!this.#stopping) {
            for (const from of this.#lab.mesh.clusters) {
                const secret = await readSecret(this.#lab, from.name, "clustermesh-apiserver-remote-cert");
                const { "ca.crt": ca, "tls.crt": cert, "tls.key": key } = tlsSecret.parse(secret);
                for (const peer of from.peers) {
                    const to = this.#lab.cluster(peer.name);
                    for (const address of meshApiAddresses(to)) {
                        const question = { address, port: to.meshApi.port, ca, client: { cert, key } };
                        this.#note(`${from.name} -> ${to.name}`, await this.#ask(question));
                    }
                }
            }
            await pause(200);
        }
    }

    async #ask(question: object): Promise<MeshApiAnswer> {
        const argv = this.#lab.lab.enter([process.execPath, CLIENT]);
        const { status, stdout, stderr } = await endedWithInput(argv, JSON.stringify(question));
        if (status !== 0) throw new Error(`${CLIENT} failed: ${stderr.trim()}`);
        return meshApiAnswer.parse(JSON.parse(stdout));
    }

    #note(pair: string, answer: MeshApiAnswer): void {
        if (answer.kind === "answered" && answer.status === 200) this.#answered += 1;
        else if (answer.kind === "answered") this.#refused.push(`${pair}: status ${answer.status}`);
        else if (!NOBODY_THERE.has(answer.code)) {
            this.#refused.push(`${pair}: ${answer.code} ${answer.message}`);
        }
    }
}
