import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { PROGRAMS } from "./catalogue.ts";
import { findInstalled } from "./installed.ts";
import type { Program } from "./program.ts";

let home: string;
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "installed-"));
});
afterEach(() => {
    rmSync(home, { recursive: true });
});

function executable(name: string, body: string): string {
    const file = join(home, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `#!/bin/sh\n${body}\n`);
    chmodSync(file, 0o755);
    return file;
}

function find(name: (typeof PROGRAMS)[number]["name"]) {
    const programs: readonly Program[] = PROGRAMS;
    const program = programs.find((candidate) => candidate.name === name);
    if (program === undefined) throw new Error(`no ${name} in the catalogue`);
    return findInstalled(program, { PATH: `${join(home, "bin")}:/bin`, PULUMI_HOME: join(home, "pulumi") });
}

describe("an installed program tells its version", () => {
    it.each([
        ["pulumi", "echo v3.259.0", "3.259.0"],
        ["helm", "echo v3.18.6+gb76a950", "3.18.6"],
        ["kube-apiserver", "echo Kubernetes v1.35.4", "1.35.4"],
        ["kubectl", "echo Client Version: v1.35.4; echo Kustomize Version: v5.7.1", "1.35.4"],
        ["cilium-operator", "echo 'Cilium-Operator 1.19.6 go version go1.26.8 linux/amd64'", "1.19.6"],
        ["cilium-operator", "echo 'Cilium-Operator  go version go1.26.8 linux/amd64'", undefined],
        [
            "clustermesh-apiserver",
            "echo 'Cilium ClusterMesh: 1.19.6 abc 2026-01-01 go version go1'",
            "1.19.6",
        ],
        ["etcd", "echo etcd Version: 3.4.23; echo Git SHA: Not provided", "3.4.23"],
        ["sshd", "echo unknown option >&2; echo OpenSSH_9.2p1 Debian-2, OpenSSL 3.0.17 >&2; exit 1", "9.2"],
        ["ip", "echo ip utility, iproute2-6.1.0, libbpf 1.1.0", "6.1.0"],
    ] as const)("%s by: %s", async (name, body, version) => {
        const path = executable(`bin/${name}`, body);
        expect(await find(name)).toEqual({ path, version, from: "PATH" });
    });

    it("or is none that could be used", async () => {
        executable("bin/metallb-controller", "echo v0.16.2");
        expect(await find("metallb-controller")).toBeUndefined();
    });
});

describe("a plugin", () => {
    it("is in Pulumi's own folder in just the version of the SDK", async () => {
        executable("pulumi/plugins/resource-tls-v5.0.0/pulumi-resource-tls", "");
        expect(await find("pulumi-resource-tls")).toBeUndefined();
        const path = executable("pulumi/plugins/resource-tls-v5.6.1/pulumi-resource-tls", "");
        expect(await find("pulumi-resource-tls")).toEqual({ path, version: "5.6.1", from: "plugins" });
    });

    it("is on the PATH first, and never run to be asked", async () => {
        executable("pulumi/plugins/resource-tls-v5.6.1/pulumi-resource-tls", "");
        const path = executable("bin/pulumi-resource-tls", `touch ${home}/was-run`);
        expect(await find("pulumi-resource-tls")).toEqual({ path, version: undefined, from: "PATH" });
    });
});
