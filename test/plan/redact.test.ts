import { describe, expect, it } from "vitest";

import type { RecordedResource } from "../../plan/record.ts";
import { Redactor } from "../../plan/redact.ts";

function resource(given: Partial<RecordedResource>): RecordedResource {
    return {
        urn: "urn:pulumi:s::p::t:m:T::name",
        type: "t:m:T",
        name: "name",
        custom: true,
        dependsOn: [],
        protect: false,
        retainOnDelete: false,
        additionalSecretOutputs: [],
        ignoreChanges: [],
        inputs: {},
        secretPaths: [],
        ...given,
    };
}

describe("Redactor", () => {
    const key = resource({ name: "key", additionalSecretOutputs: ["privateKeyPem"] });
    const redactor = new Redactor([key], ["0123456789abcdef"]);

    it("hides what the program has marked secret, whatever it is", () => {
        const { inputs } = redactor.resource(
            resource({
                inputs: { a: { "dotted.key": "x", open: 1 }, list: [{ b: { c: "y" } }, "z"], whole: [1, 2] },
                secretPaths: ["a.dotted.key", "list[0].b", "whole"],
            }),
        );
        expect(inputs).toEqual({
            a: { "dotted.key": "[secret]", open: 1 },
            list: [{ b: "[secret]" }, "z"],
            whole: "[secret]",
        });
    });

    it.each([
        [
            "command:remote:Command",
            { connection: { host: "h" }, stdin: "x", create: "bash" },
            { connection: "[secret]", stdin: "[secret]", create: "bash" },
        ],
        [
            "command:remote:CopyToRemote",
            { connection: { host: "h" }, remotePath: "/x" },
            { connection: "[secret]", remotePath: "/x" },
        ],
        [
            "pulumi:providers:kubernetes",
            { kubeconfig: "x", clusterIdentifier: "east" },
            { kubeconfig: "[secret]", clusterIdentifier: "east" },
        ],
        [
            "kubernetes:core/v1:Secret",
            { type: "Opaque", stringData: { "tls.key": "x" }, data: { a: "y" } },
            { type: "Opaque", stringData: { "tls.key": "[secret]" }, data: { a: "[secret]" } },
        ],
    ])("hides what is always secret in a %s", (type, inputs, expected) => {
        expect(redactor.resource(resource({ type, inputs })).inputs).toEqual(expected);
    });

    it("hides a Secret's values and not its keys where the whole is marked", () => {
        const secret = { type: "kubernetes:core/v1:Secret", inputs: { stringData: { key: "x" } } };
        expect(redactor.resource(resource({ ...secret, secretPaths: ["stringData"] })).inputs).toEqual({
            stringData: { key: "[secret]" },
        });
    });

    it("hides secret outputs and derived secrets inside any text", () => {
        expect(redactor.text("A='[key.privateKeyPem]' B='0123456789abcdef' C='[key.publicKeyPem]'")).toBe(
            "A='[secret]' B='[secret]' C='[key.publicKeyPem]'",
        );
        expect(redactor.resource(resource({ inputs: { a: ["x [key.privateKeyPem]"] } })).inputs).toEqual({
            a: ["x [secret]"],
        });
    });

    it("hides a secret next to brackets, and not what only looks like one", () => {
        expect(redactor.text("[[key.privateKeyPem]] [known after up] 0123456789abcdef0")).toBe(
            "[[secret]] [known after up] 0123456789abcdef0",
        );
    });

    it("changes nothing else", () => {
        const plain = resource({ inputs: { a: null, b: true, c: 1, d: "x", e: [] }, parent: "p" });
        expect(redactor.resource(plain)).toEqual(plain);
    });
});
