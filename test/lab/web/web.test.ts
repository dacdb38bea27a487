import { X509Certificate, createPrivateKey } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, expect, test } from "vitest";

import { webCertificate } from "./certificate.ts";
import { siteFile } from "./site-file.ts";

const home = mkdtempSync(join(tmpdir(), "web-"));
const www = join(home, "www");
mkdirSync(join(www, "get.rke2.io/a b"), { recursive: true });
writeFileSync(join(www, "get.rke2.io/index"), "");
writeFileSync(join(www, "get.rke2.io/a b/c"), "");
writeFileSync(join(home, "secret"), "");
symlinkSync(join(home, "secret"), join(www, "get.rke2.io/link"));
symlinkSync("a b/c", join(www, "get.rke2.io/latest"));
afterAll(() => {
    rmSync(home, { recursive: true });
});

test.each([
    ["get.rke2.io", "/", "index"],
    ["get.rke2.io:443", "/?x=/..", "index"],
    ["GET.rke2.io", "/a%20b/c", "a b/c"],
    ["get.rke2.io", "/latest", "latest"],
])("https://%s%s is a file", (host, target, file) => {
    expect(siteFile(www, host, target)).toBe(join(www, "get.rke2.io", file));
});

test.each([
    ["get.rke2.io", "/a%20b"],
    ["get.rke2.io", "/a%20b/"],
    ["get.rke2.io", "/../../secret"],
    ["get.rke2.io", "/%2e%2e/%2e%2e/secret"],
    ["get.rke2.io", "/a%20b/..%2f..%2f..%2fsecret"],
    ["get.rke2.io", "/link"],
    ["get.rke2.io", "/%00"],
    ["get.rke2.io", "/%"],
    ["get.rke2.io", "*"],
    ["..", "/secret"],
    ["", "/secret"],
    ["other", "/"],
])("https://%s%s is none", (host, target) => {
    expect(siteFile(www, host, target)).toBeUndefined();
});

test("the certificate is for the sites, by the CA that clients are to trust", async () => {
    const web = await webCertificate(["get.rke2.io", "helm.cilium.io"]);
    const [ca, certificate] = [new X509Certificate(web.ca), new X509Certificate(web.certificate)];
    expect(ca).toMatchObject({ ca: true, subject: "CN=multicluster lab web CA" });
    expect(ca.verify(ca.publicKey)).toBe(true);
    expect(certificate).toMatchObject({ ca: false, subjectAltName: "DNS:get.rke2.io, DNS:helm.cilium.io" });
    expect(certificate.checkIssued(ca) && certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkPrivateKey(createPrivateKey(web.key))).toBe(true);
});
