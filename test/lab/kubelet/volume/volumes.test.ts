import { describe, expect, test } from "vitest";

import { podObject } from "../pod/pod-fixture.ts";
import { payload } from "./payload.ts";

const SECRET = new Map([
    ["tls.crt", Buffer.from("CERTIFICATE")],
    ["tls.key", Buffer.from("KEY")],
]);

async function files(
    volume: Readonly<Record<string, unknown>>,
    spec: Readonly<Record<string, unknown>> = {},
) {
    const pod = podObject({ ...spec, volumes: [{ name: "v", ...volume }] });
    const [parsed] = pod.spec.volumes;
    if (parsed === undefined) throw new Error("the pod has a volume");
    const found = await payload(parsed, {
        pod,
        place: { podIp: "", nodeIp: "" },
        read: (_, name) => Promise.resolve(name === "there" ? SECRET : undefined),
        token: (audience, seconds) => Promise.resolve(`token ${audience} ${seconds}`),
    });
    return (
        found &&
        Object.fromEntries(
            [...found].map(([path, { content, ...rest }]) => [path, { text: content.toString(), ...rest }]),
        )
    );
}

describe("a volume", () => {
    test("has all keys of a Secret", async () => {
        expect(await files({ secret: { secretName: "there", defaultMode: 0o400 } })).toEqual({
            "tls.crt": { text: "CERTIFICATE", mode: 0o400 },
            "tls.key": { text: "KEY", mode: 0o400 },
        });
    });

    test("has the named keys of several, under other names, and leaves out what is optional", async () => {
        const sources = [
            { secret: { name: "there", items: [{ key: "tls.key", path: "sub/client.key", mode: 0o440 }] } },
            { configMap: { name: "missing", optional: true } },
            { secret: { name: "there", optional: true, items: [{ key: "ca.crt", path: "ca.crt" }] } },
            { downwardAPI: { items: [{ path: "name", fieldRef: { fieldPath: "metadata.name" } }] } },
        ];
        expect(await files({ projected: { sources, defaultMode: 0o400 } })).toEqual({
            "sub/client.key": { text: "KEY", mode: 0o440 },
            name: { text: "mesh-0", mode: 0o400 },
        });
    });

    test("has a token for the containers' user alone", async () => {
        const projected = { sources: [{ serviceAccountToken: { path: "token", expirationSeconds: 3607 } }] };
        const securityContext = { runAsUser: 65532 };
        const token = (await files({ projected }, { securityContext }))?.["token"];
        expect(token).toEqual({ text: "token  3607", mode: 0o600, owner: 65532 });
    });

    test.each([
        [{ secret: { secretName: "missing" } }, 'secret "missing" not found'],
        [{ configMap: { name: "missing" } }, 'configmap "missing" not found'],
        [
            { secret: { secretName: "there", items: [{ key: "ca.crt", path: "ca.crt" }] } },
            'secret "there" references non-existent key: ca.crt',
        ],
        [
            { secret: { secretName: "there", items: [{ key: "tls.key", path: "../key" }] } },
            "../key leaves its volume",
        ],
    ])("cannot be made of %j", async (volume, message) => {
        await expect(files(volume)).rejects.toThrow(message);
    });

    test("of another kind has no files to write", async () => {
        expect(await files({ emptyDir: {} })).toBeUndefined();
    });
});
