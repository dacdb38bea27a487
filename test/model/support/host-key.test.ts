import { expect, it } from "vitest";

import { isWhole, parseHostKey } from "../../../model/support/host-key.ts";
import { hostKeyOf } from "../../support/mesh.ts";

const ED25519 = "AAAAC3NzaC1lZDI1NTE5AAAAIIWFu55hKG2ejrcUvC9PoQx8L6OJ5OD8ZfFn4UV+sqhg";
const P256 =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFfcVgleo0kYZCSAVZv+wddt7JpQUfCXJzm5p0onw3TxJegsYnqHKor2bhPbu69KMmj5JfFrwIV43yrmA3Go0FM=";
const P384 =
    "AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBPi3Nu/aiIj3CWMYoRH4eEHBKKbzqu75gXoN7s9yUjMRwfkMLPUhYON3rwPXkhhhuVqnWUDjiqmgO8rrHtlmZE/Fz5QFXVshaj00lC4KnOcXHR43LNhOgyOWfZHxvQ7T9g==";
const P521 =
    "AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAEU/UK9i3fUKvTM/cTAcxQw5EYMJnglVscsAGJSKAQp30juRIeJfMGECcFt3tapjVH1+O3BYStfDyWWER4rGW5CigBo4NmFybDdvrYv5yWSuKS6y9vfDpGBJSVgy0+D1sGdd2MNHW1B4+L7vcDeqWChwCArKyfoBnWFMa5VvuBmuysJ6w==";

function whole(line: string): boolean | undefined {
    const key = parseHostKey(line);
    return key === undefined ? undefined : isWhole(key);
}

it("reads a line with and without hosts and a comment", () => {
    const key = { type: "ssh-ed25519", blob: ED25519 };
    expect(parseHostKey(`ssh-ed25519 ${ED25519}`)).toEqual({ hosts: [], ...key });
    expect(parseHostKey(`a.example.net,[192.168.10.11]:2222 ssh-ed25519  ${ED25519} me@home`)).toEqual({
        hosts: ["a.example.net", "192.168.10.11"],
        ...key,
    });
    expect(parseHostKey(`|1|c2FsdA==|aGFzaA== ssh-ed25519 ${ED25519}`)?.hosts).toEqual([]);
});

it.each([
    ["ssh-ed25519", ED25519],
    ["ecdsa-sha2-nistp256", P256],
    ["ecdsa-sha2-nistp384", P384],
    ["ecdsa-sha2-nistp521", P521],
])("takes whole keys of type %s", (type, blob) => {
    expect(whole(`${type} ${blob}`)).toBe(true);
});

it("takes the keys of the meshes for tests", () => {
    expect(whole(hostKeyOf("east-1"))).toBe(true);
});

it.each([
    ["cut off", `ssh-ed25519 ${ED25519.slice(0, -4)}`],
    ["too long", `ssh-ed25519 ${ED25519}AAAA`],
    ["too short", "ssh-ed25519 AAAA"],
    ["of another type inside", `ssh-ed25519 ${"A".repeat(68)}`],
    ["of another curve inside", `ecdsa-sha2-nistp384 ${P256}`],
    ["of the right length, with another type", `ssh-ed25519 ${ED25519.replace("ZDI1NTE5", "ZDI1NTE4")}`],
    ["without its padding", `ecdsa-sha2-nistp256 ${P256.replace(/=$/, "")}`],
])("refuses a key that is %s", (_, line) => {
    expect(whole(line)).toBe(false);
});

it.each(["ssh-rsa AAAA", `ssh-ed25519`, `a b ssh-ed25519 ${ED25519}`, `ssh-ed25519 ${ED25519}\n`, ""])(
    "knows that %j is no line of a key",
    (line) => {
        expect(parseHostKey(line)).toBeUndefined();
    },
);
