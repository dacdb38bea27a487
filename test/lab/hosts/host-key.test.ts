import { createPrivateKey } from "node:crypto";

import { expect, test } from "vitest";

import { isWhole, parseHostKey } from "../../../model/support/host-key.ts";
import { hostKey } from "./host-key.ts";

test("the key of a host is always the same, and no other host's", () => {
    expect(hostKey("east-1")).toEqual(hostKey("east-1"));
    expect(hostKey("east-1").public).toBe(
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLRn6WgEqS3YrEjlZbiQyqTbj8sdTuBMMyqnP4++RgjRj9ip2s4jd6XKI0h6/nrer9us+e0yKsHAudjE2sww+6Q=",
    );
    expect(hostKey("east-2").public).not.toBe(hostKey("east-1").public);
});

test("a description may pin it", () => {
    const key = parseHostKey(hostKey("east-1").public);
    expect(key).toMatchObject({ hosts: [], type: "ecdsa-sha2-nistp256" });
    expect(key !== undefined && isWhole(key)).toBe(true);
});

test("the private key is that of the public one", () => {
    const { pem, public: line } = hostKey("east-1");
    expect(pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----\n/);
    const { x = "", y = "" } = createPrivateKey(pem).export({ format: "jwk" });
    const point = Buffer.concat([Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    expect(Buffer.from(line.split(" ")[1] ?? "", "base64").subarray(-64)).toEqual(point);
});
