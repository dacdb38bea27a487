/*
 * Asks a mesh API's etcd for its version, as a peer would reach it. It runs inside the lab: every-pair-connected.ts gives it
 * its task as JSON on standard input, and takes the answer as JSON from standard output.
 */
import { request } from "node:https";
import { json } from "node:stream/consumers";

import {
    meshApiAnswer,
    meshApiQuestion,
    type MeshApiAnswer,
    type MeshApiQuestion,
} from "./mesh-api-question.ts";

const SECONDS = 10;

function ask({ address, port, ca, client }: MeshApiQuestion): Promise<MeshApiAnswer> {
    return new Promise((resolve) => {
        const options = { host: address, port, path: "/version", ca, ...client, timeout: SECONDS * 1000 };
        const asked = request({ ...options, agent: false }, (response) => {
            response.resume();
            response.on("end", () => {
                resolve({ kind: "answered", status: response.statusCode ?? 0 });
            });
        });
        asked.on("timeout", () => {
            asked.destroy(new Error(`no answer after ${SECONDS} s`));
        });
        asked.on("error", (error) => {
            const code = "code" in error ? String(error.code) : "";
            resolve({ kind: "failed", code, message: error.message });
        });
        asked.end();
    });
}

const question = meshApiQuestion.parse(await json(process.stdin));
process.stdout.write(JSON.stringify(meshApiAnswer.parse(await ask(question))));
