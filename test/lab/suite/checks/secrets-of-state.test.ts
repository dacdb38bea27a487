import { describe, expect, it } from "vitest";

import { secretsOfState } from "./secrets-of-state.ts";

const TOKEN = "5a1fce1794df34b1553c0028b9ef4dfe669bab95163690eede0eb84ec40f505c";

/** A secret as an exported state has it. */
function sealed(value: unknown) {
    return {
        "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
        plaintext: JSON.stringify(value),
    };
}

function stateOf(type: string, parts: object): string {
    const resource = { urn: `urn:pulumi:lab::multicluster::${type}::it`, type, ...parts };
    return JSON.stringify({ deployment: { resources: [resource] } });
}

describe("secretsOfState", () => {
    it("takes what is marked, at any depth, and nothing else", () => {
        const text = stateOf("a:b:C", {
            inputs: { plain: TOKEN.replace("5a", "6b"), list: [{ deep: sealed(TOKEN) }] },
        });
        expect(secretsOfState(text)).toEqual([{ name: "it.list[0].deep", words: [TOKEN] }]);
    });

    it("names a secret after the first place that has it", () => {
        const text = stateOf("a:b:C", {
            inputs: { one: sealed(TOKEN) },
            outputs: { two: sealed(`token: ${TOKEN}\n`) },
        });
        expect(secretsOfState(text)).toEqual([{ name: "it.one", words: [TOKEN] }]);
    });

    it("knows what of a connection is public", () => {
        const connection = {
            host: "10.88.1.11",
            user: "root",
            hostKey: `ssh-ed25519 ${TOKEN}`,
            password: "hunter22",
        };
        const text = stateOf("command:remote:Command", { inputs: { connection: sealed(connection) } });
        expect(secretsOfState(text)).toEqual([{ name: "it.connection.password", words: ["hunter22"] }]);
    });

    it("takes every value of a Secret of Kubernetes", () => {
        const text = stateOf("kubernetes:core/v1:Secret", {
            inputs: {
                metadata: { name: "bgp-password" },
                stringData: sealed({ password: "hunter22", port: "small" }),
            },
        });
        expect(secretsOfState(text)).toEqual([{ name: "it.stringData.password", words: ["hunter22"] }]);
    });
});
