import { X509Certificate } from "node:crypto";

import { expect, test } from "vitest";

import { issue, newCa } from "./certificate.ts";
import { serves } from "./leaf-files.ts";
import { seal, unseal } from "./sealed.ts";
import { checkCa, fullToken, parseToken } from "./token.ts";

const CA = await newCa("rke2-server-ca@1");
const OTHER = await newCa("rke2-server-ca@1");

test("a full token says whom it is for and which CA it expects", () => {
    const token = parseToken(fullToken("server", "s3cret", CA.certificate), "node");
    expect(token).toMatchObject({ user: "server", secret: "s3cret" });
    expect(() => {
        checkCa(token, CA.certificate);
    }).not.toThrow();
    expect(() => {
        checkCa(token, OTHER.certificate);
    }).toThrow(
        /^token CA hash does not match the Cluster CA certificate hash: [0-9a-f]{64} != [0-9a-f]{64}$/,
    );
});

test("a short token is its secret, and a broken one is refused without being shown", () => {
    expect(parseToken("s3cret", "node")).toEqual({ user: "node", secret: "s3cret" });
    expect(() => parseToken("K10abc::s3cret", "node")).toThrow(/failed to normalize token/);
    expect(() => parseToken("K10abc::s3cret", "node")).not.toThrow("s3cret");
});

test("what is sealed with a token opens with it alone", () => {
    const sealed = seal("keys", "s3cret");
    expect(sealed).not.toContain("keys");
    expect(unseal(sealed, "s3cret")).toBe("keys");
    expect(() => unseal(sealed, "another")).toThrow(
        "failed to decrypt bootstrap data: the token is another one",
    );
});

test("a certificate is by its CA, for its names", async () => {
    const subject = { commonName: "kube-apiserver", names: ["localhost", "10.88.1.11", "::1"] };
    const { certificate } = await issue(CA, subject);
    const read = new X509Certificate(certificate);
    expect(read.checkIssued(new X509Certificate(CA.certificate))).toBe(true);
    expect(read.ca).toBe(false);
    expect(new X509Certificate(CA.certificate).ca).toBe(true);
    expect(serves(certificate, CA, subject)).toBe(true);
    expect(serves(certificate, OTHER, subject)).toBe(false);
    expect(serves(certificate, CA, { ...subject, names: ["localhost", "10.88.1.11"] })).toBe(false);
    expect(serves(certificate, CA, { ...subject, names: ["localhost", "10.88.1.11", "::2"] })).toBe(false);
});

test("a kubelet's certificate names its node and its group", async () => {
    const { certificate } = await issue(CA, {
        commonName: "system:node:east-4",
        organization: "system:nodes",
    });
    expect(new X509Certificate(certificate).subject).toBe("O=system:nodes\nCN=system:node:east-4");
});
