import { createPrivateKey, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";

import { describe, expect, it } from "vitest";

import { bashScript } from "../../../../components/host/bash.ts";
import { newCa } from "../../rke2/certificate.ts";
import { SecretSearch } from "./secret-search.ts";
import { secretWords } from "./secret-words.ts";

const CHOSEN = { chosen: true };
const MARKED = { chosen: false };
const TOKEN = "5a1fce1794df34b1553c0028b9ef4dfe669bab95163690eede0eb84ec40f505c";

describe("secretWords", () => {
    it("takes the lines of a private key that hold a part of the private half", async () => {
        const { key } = await newCa("a CA");
        const lines = key.trim().split("\n");
        expect(secretWords(key, MARKED)).toEqual(lines.slice(1, -2));
    });

    it("takes the only line of a short key", () => {
        const { privateKey } = generateKeyPairSync("ed25519");
        const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
        expect(secretWords(pem, MARKED)).toEqual([pem.split("\n")[1]]);
    });

    it("finds nothing of a key in its public half, in either form", async () => {
        for (const { certificate, key } of [await newCa("one"), await newCa("two"), await newCa("three")]) {
            const pkcs8 = createPrivateKey(key).export({ type: "pkcs8", format: "pem" }).toString();
            const search = new SecretSearch([
                { name: "key", words: [...secretWords(key, MARKED), ...secretWords(pkcs8, MARKED)] },
            ]);
            expect(search.inText("the certificate", certificate)).toEqual([]);
            expect(search.inText("the key", pkcs8)).toEqual([{ secret: "key", place: "the key" }]);
        }
    });

    it("takes a key out of base64, as a kubeconfig has it, and leaves the certificate beside it", async () => {
        const { certificate, key } = await newCa("a CA");
        const [ofKey, ofCertificate] = [key, certificate].map((pem) => Buffer.from(pem).toString("base64"));
        const kubeconfig = `users:\n- user:\n    client-certificate-data: ${ofCertificate ?? ""}\n    client-key-data: ${ofKey ?? ""}\n`;
        expect(secretWords(kubeconfig, MARKED)).toEqual([ofKey, ...secretWords(key, MARKED)]);
    });

    it("takes the token of a script, and no word of the script", () => {
        for (const file of ["rke2/scripts/node.sh", "rke2/scripts/kubeconfig.sh", "gate/wait-for.sh"]) {
            const path = new URL(`../../../../components/${file}`, import.meta.url);
            const variables = { TOKEN, CONFIG: 'node-ip: "10.88.1.11"\ntls-san:\n  - "api.east.lab"\n' };
            expect(secretWords(bashScript(path, variables), MARKED)).toEqual([TOKEN]);
            expect(secretWords(readFileSync(path, "utf8"), MARKED)).toEqual([]);
        }
    });

    it("takes a password of a Secret in both forms, whatever it looks like", () => {
        const password = "correct-horse";
        expect(secretWords(password, CHOSEN)).toEqual([password]);
        expect(secretWords("Y29ycmVjdC1ob3JzZQ==", CHOSEN)).toEqual(["Y29ycmVjdC1ob3JzZQ==", password]);
    });

    it("takes no plain words: a provider marks whole objects", async () => {
        const { certificate } = await newCa("a CA");
        const texts = [
            "node-role.kubernetes.io/control-plane",
            "east-1 is a node",
            "10.88.1.11",
            certificate,
        ];
        expect(texts.flatMap((text) => secretWords(text, MARKED))).toEqual([]);
        expect(secretWords(Buffer.from(certificate).toString("base64"), CHOSEN)).toEqual([]);
    });
});

describe("SecretSearch", () => {
    it("finds a word inside of base64, wherever it begins", () => {
        const search = new SecretSearch([{ name: "token", words: [TOKEN] }]);
        for (const before of ["", "a", "ab", "abc", "TOKEN='"]) {
            const text = Buffer.from(`${before}${TOKEN}' and more`).toString("base64");
            expect(search.inText("a place", text)).toEqual([{ secret: "token", place: "a place" }]);
        }
        expect(search.inText("a place", `${TOKEN.slice(0, -1)}0`)).toEqual([]);
    });
});
