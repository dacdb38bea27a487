/* components/rke2/scripts/parts/files.sh on a machine of fakes. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { files, kinds } from "./install-fixture.ts";
import { interrupt } from "./interruptions.ts";
import { Machine } from "./machine.ts";

const REGISTRIES_FILE = "/etc/rancher/rke2/registries.yaml";
const KUBE_VIP_FILE = "/var/lib/rancher/rke2/agent/pod-manifests/kube-vip.yaml";
const ENVIRONMENT_FILE = "/etc/default/rke2-server";
const MADE = "# Made by multicluster, which overwrites what others change here.";
const BEGIN = "# begin of what multicluster sets";
const END = "# end of what multicluster sets";
const PROXY = "HTTPS_PROXY=http://proxy:3128\nNO_PROXY=localhost";
const ALL = {
    REGISTRIES: 'configs:\n  "r.example.net":\n    "auth": {"password": "secret-1"}\n',
    PROXY,
    KUBE_VIP: "kind: Pod\n",
};

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

describe("what is described", () => {
    test("is written for root alone, and said without what is in it", async () => {
        expect(await files(machine, "write_files", ALL)).toEqual({
            code: 0,
            stdout: `${REGISTRIES_FILE} is written\n${KUBE_VIP_FILE} is written\n${ENVIRONMENT_FILE} is written\n`,
            stderr: "",
            calls: [],
        });
        expect(machine.read(REGISTRIES_FILE)).toBe(`${MADE}\n${ALL.REGISTRIES}`);
        expect(machine.read(KUBE_VIP_FILE)).toBe(`${MADE}\n${ALL.KUBE_VIP}`);
        expect(machine.read(ENVIRONMENT_FILE)).toBe(`${BEGIN}\n${PROXY}\n${END}\n`);
        expect([REGISTRIES_FILE, KUBE_VIP_FILE, ENVIRONMENT_FILE].map((file) => machine.mode(file))).toEqual([
            "600",
            "600",
            "600",
        ]);
    });

    test("is not written again", async () => {
        await files(machine, "write_files", ALL);
        expect(await files(machine, "write_files", ALL)).toMatchObject({ code: 0, stdout: "" });
    });

    test("never lies next to the kubelet's pods as another file", async () => {
        await files(machine, "write_files", ALL);
        const run = await files(
            machine,
            "write_files",
            { ...ALL, KUBE_VIP: "kind: Other\n" },
            { recorded: true },
        );
        expect(run.calls.filter((call) => call.startsWith("mv"))).toEqual([
            `mv -f ${machine.root}/var/lib/rancher/rke2/agent/kube-vip.yaml.new ${machine.root}${KUBE_VIP_FILE}`,
        ]);
    });

    test("is there in the end, whatever command went wrong, and gone after that", async () => {
        machine.file(ENVIRONMENT_FILE, "A=1\n");
        const empty = machine.snapshot();
        const { whole, interrupted } = await interrupt(machine, {
            run: (on, how) => files(on, "write_files", ALL, { ...how, recorded: true }),
            kinds,
            look: (on) => on.snapshot(),
            next: async (on) => {
                const other = on.copy();
                const written = await files(on, "write_files", ALL);
                const removed = await files(other, "write_files remove_files", {});
                const left = other.snapshot();
                other.dispose();
                return { written, is: on.snapshot(), removed, left };
            },
        });
        expect(interrupted.length).toBeGreaterThan(3);
        for (const { fault, after } of interrupted) {
            const { written, is, removed, left } = after;
            for (const { code, stderr } of [written, removed]) {
                expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
            }
            expect({ fault, is, left }).toEqual({ fault, is: whole, left: empty });
        }
    });
});

describe("what is described no longer", () => {
    test("goes, and is said once", async () => {
        const before = machine.snapshot();
        await files(machine, "write_files", ALL);
        expect(await files(machine, "write_files", {})).toMatchObject({
            stdout: `${REGISTRIES_FILE} is removed\n${KUBE_VIP_FILE} is removed\n${ENVIRONMENT_FILE} is without what this program set\n`,
        });
        expect(machine.snapshot()).toEqual(before);
        expect(await files(machine, "write_files", {})).toMatchObject({ code: 0, stdout: "", stderr: "" });
    });
});

describe("what others have put there", () => {
    test("stays where nothing is described", async () => {
        machine.file(REGISTRIES_FILE, "mirrors: {}\n");
        machine.file(KUBE_VIP_FILE, "kind: Pod\n");
        machine.file(ENVIRONMENT_FILE, "A=1\n");
        const before = machine.snapshot();
        expect(await files(machine, "write_files files_to_start_with", {})).toMatchObject({
            code: 0,
            stdout: "",
        });
        expect(machine.snapshot()).toEqual(before);
    });

    test.each([
        [
            REGISTRIES_FILE,
            `${REGISTRIES_FILE} is on this host, and this program has not put it there: take it away, and describe what it says as rke2.registries`,
        ],
        [
            KUBE_VIP_FILE,
            `${KUBE_VIP_FILE} is on this host, and this program has not put it there: take it away, or leave kubeVip out of the description`,
        ],
    ])("is not overwritten (%s)", async (file, message) => {
        machine.file(file, "by hand\n");
        const before = machine.snapshot();
        expect(await files(machine, "write_files", ALL)).toMatchObject({
            code: 1,
            stdout: "",
            stderr: `east-1: ${message}\n`,
        });
        expect(machine.snapshot()).toEqual(before);
    });

    test("lines of the environment stay, in a file with its own permissions", async () => {
        machine.file(ENVIRONMENT_FILE, "A=1\nHTTP_PROXY=other", 0o644);
        await files(machine, "write_files", ALL);
        expect(machine.read(ENVIRONMENT_FILE)).toBe(`A=1\nHTTP_PROXY=other\n${BEGIN}\n${PROXY}\n${END}\n`);
        expect(machine.mode(ENVIRONMENT_FILE)).toBe("644");
        machine.file(ENVIRONMENT_FILE, `${machine.read(ENVIRONMENT_FILE) ?? ""}B=2\n`);
        await files(machine, "write_files", { ...ALL, PROXY: "NO_PROXY=localhost" });
        expect(machine.read(ENVIRONMENT_FILE)).toBe(
            `A=1\nHTTP_PROXY=other\nB=2\n${BEGIN}\nNO_PROXY=localhost\n${END}\n`,
        );
        await files(machine, "remove_files", {});
        expect(machine.read(ENVIRONMENT_FILE)).toBe("A=1\nHTTP_PROXY=other\nB=2\n");
    });

    test.each([BEGIN, END])("a lone mark (%s) is not taken for an end", async (mark) => {
        machine.file(ENVIRONMENT_FILE, `${mark}\nA=1\n`);
        expect(await files(machine, "write_files", ALL)).toMatchObject({
            code: 1,
            stderr: `east-1: ${ENVIRONMENT_FILE} has one of the lines "${BEGIN}" and "${END}" without the other: take it away, and what this program has put next to it\n`,
        });
        expect(machine.read(ENVIRONMENT_FILE)).toBe(`${mark}\nA=1\n`);
    });
});

test("RKE2 reads registries, environment and images when it starts, and the static pod at any time", async () => {
    machine.file(ENVIRONMENT_FILE, "A=1\n");
    machine.file("/etc/rancher/rke2/images.given", "0000 core.tar\n");
    await files(machine, "write_files", ALL);
    const { stdout } = await files(machine, "files_to_start_with", {});
    expect(stdout).toBe(`${MADE}\n${ALL.REGISTRIES}${PROXY}\n0000 core.tar\n`);
});

test("nothing is left of a node", async () => {
    mkdirSync(join(machine.root, "var/lib"), { recursive: true });
    const before = machine.snapshot();
    await files(machine, "write_files", ALL);
    machine.remove("/etc/rancher");
    machine.file("/var/lib/rancher/rke2/artifacts/install.sh", "");
    expect(await files(machine, "remove_files", ALL)).toMatchObject({
        code: 0,
        stdout: `${ENVIRONMENT_FILE} is without what this program set\n`,
        stderr: "",
    });
    expect(machine.snapshot()).toEqual(before);
    expect(machine.read("/var/lib/rancher")).toBeUndefined();
});
