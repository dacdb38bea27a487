/*
 * components/rke2/scripts/parts/install.sh without a network, on a machine of fakes: the install script is one, tar and the
 * hashes are real.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";

import { ARTIFACTS_DIR, CORE, HOST, install, kinds, Release, sha256, VERSION } from "./install-fixture.ts";
import { interrupt } from "./interruptions.ts";
import { Machine } from "./machine.ts";

const IMAGES = "/var/lib/rancher/rke2/agent/images";
const GIVEN = "/etc/rancher/rke2/images.given";
const CILIUM = "cilium.tar";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

/** What is on the machine, without what the operator has put there. */
function state(on: Machine): Record<string, unknown> {
    return Object.fromEntries(
        Object.entries(on.snapshot()).filter(([path]) => !/^(var\/tmp|srv)\//.test(path)),
    );
}

describe("from a folder", () => {
    test("RKE2 is installed by the verified script, and images lie where RKE2 takes them from", async () => {
        const release = new Release(VERSION, { [CORE]: "core images", [CILIUM]: "cilium" }).put(machine);
        expect(await install(machine, release.fromFolder)).toEqual({
            code: 0,
            stdout: `${CORE} is where RKE2 takes images from\n${CILIUM} is where RKE2 takes images from\n`,
            stderr: "",
            calls: ["install.sh "],
        });
        expect(machine.read("/run/installer")).toBe(
            [
                "INSTALL_RKE2_ARTIFACT_PATH=/var/lib/rancher/rke2/artifacts",
                "INSTALL_RKE2_METHOD=tar",
                "INSTALL_RKE2_TYPE=server",
                `INSTALL_RKE2_VERSION=${VERSION}\n`,
            ].join("\n"),
        );
        expect(state(machine)).toEqual({
            "etc/rancher/rke2/images.given": `600 ${sha256("core images")} ${CORE}\n${sha256("cilium")} ${CILIUM}\n`,
            "usr/local/bin/rke2": `755 #!/bin/sh\necho "rke2 version ${VERSION} (0123456789abcdef)"\n`,
            [`var/lib/rancher/rke2/agent/images/${CORE}`]: "644 core images",
            "var/lib/rancher/rke2/agent/images/cilium.tar": "644 cilium",
            server: { state: "", enabled: false, config: "" },
            agent: { state: "", enabled: false, config: "" },
        });
    });

    test("what was copied to the host is gone afterwards", async () => {
        const release = new Release().put(machine);
        await install(machine, release.fromFolder);
        expect(
            Object.keys(machine.snapshot()).filter((path) => path.startsWith(ARTIFACTS_DIR.slice(1))),
        ).toEqual([]);
    });

    test("a copy that came into an earlier one is found", async () => {
        new Release("v1.34.10+rke2r1", { [CORE]: "old images" }).put(machine);
        const release = new Release().put(machine, `${ARTIFACTS_DIR}/release`);
        expect(await install(machine, release.fromFolder)).toMatchObject({ code: 0, stderr: "" });
        expect(machine.read("/usr/local/bin/rke2")).toContain(VERSION);
        expect(machine.read(`${IMAGES}/${CORE}`)).toBe("core images");
    });

    test("the second run does nothing, and needs no folder", async () => {
        const release = new Release().put(machine);
        await install(machine, release.fromFolder);
        const before = machine.snapshot();
        expect(await install(machine, release.fromFolder)).toEqual({
            code: 0,
            stdout: "",
            stderr: "",
            calls: [],
        });
        expect(machine.snapshot()).toEqual(before);
    });

    test("files that are missing or wrong are named with their hashes, and nothing has run", async () => {
        const release = new Release(VERSION, { [CORE]: "core images", [CILIUM]: "cilium" }).put(machine);
        machine.file(`${ARTIFACTS_DIR}/install.sh`, "rm -rf /\n");
        machine.remove(`${ARTIFACTS_DIR}/${CILIUM}`);
        const run = await install(machine, release.fromFolder);
        const expected = release.lines.split("\n").find((line) => line.endsWith(" install.sh"));
        expect(run).toEqual({
            code: 1,
            stdout: "",
            stderr: [
                `east-1: the artifacts in ${machine.root}${ARTIFACTS_DIR} are not those that were described, and nothing of them has run:`,
                `  ${CILIUM} is missing`,
                `  install.sh has the SHA-256 ${sha256("rm -rf /\n")}, and must have ${String(expected?.slice(0, 64))}\n`,
            ].join("\n"),
            calls: [],
        });
        expect(machine.read("/etc/rancher/rke2/install.sh")).toBeUndefined();
        release.put(machine);
        expect((await install(machine, release.fromFolder)).code).toBe(0);
    });

    test("a tarball of another release is refused before it is installed", async () => {
        const release = new Release("v1.34.1+rke2r1").put(machine);
        expect(await install(machine, release.fromFolder)).toMatchObject({
            code: 1,
            stderr: `east-1: the artifacts are of RKE2 v1.34.1+rke2r1, and rke2.version is ${VERSION}: nothing of them has been installed\n`,
            calls: [],
        });
        expect(machine.read("/usr/local/bin/rke2")).toBeUndefined();
    });

    test("files of another architecture are left where they are", async () => {
        const release = new Release(VERSION, {
            [CORE]: "core images",
            "rke2-images-core.linux-arm64.tar.zst": "others",
        }).put(machine);
        await install(machine, release.fromFolder);
        expect(machine.read(`${IMAGES}/rke2-images-core.linux-arm64.tar.zst`)).toBeUndefined();
        const others = release.lines.replaceAll("amd64", "arm64");
        machine.remove("/usr/local/bin/rke2");
        expect(await install(machine, { ...release.fromFolder, ARTIFACTS: others })).toMatchObject({
            code: 1,
            stderr: "east-1: there is no sha256sum-amd64.txt among the artifacts, and this is a host of amd64\n",
        });
    });

    test("an installation by packages is refused, with what to do", async () => {
        machine.world("packages", "rke2-common-1.35.7~rke2r1-0.el9.x86_64\n");
        expect(
            await install(machine, new Release().put(machine).fromFolder, { packages: true }),
        ).toMatchObject({
            code: 1,
            stderr: "east-1: RKE2 is installed here by packages (rke2-common-1.35.7~rke2r1-0.el9.x86_64), and rke2.install.method is air-gap: keep to the method, or take the node out of the description in a change of its own and describe it again after that\n",
            calls: [],
        });
    });
});

describe("another release", () => {
    const OLD = new Release("v1.34.10+rke2r1", { [CORE]: "old images", "old.tar.gz": "old" });

    const old = new Machine();

    beforeAll(async () => {
        OLD.put(old);
        await install(old, { ...OLD.fromFolder, VERSION: "v1.34.10+rke2r1" });
        old.file(`${IMAGES}/mine.tar`, "mine");
    });
    afterAll(() => {
        old.dispose();
    });
    beforeEach(() => {
        machine.become(old);
    });

    test("takes the place of the old one, with its images; those of others stay", async () => {
        const run = await install(machine, new Release().put(machine).fromFolder);
        expect(run).toMatchObject({
            code: 0,
            stdout: `${CORE} is where RKE2 takes images from\nold.tar.gz is gone from where RKE2 takes images from\n`,
        });
        expect(machine.read("/usr/local/bin/rke2")).toContain(VERSION);
        expect(machine.read(GIVEN)).toBe(`${sha256("core images")} ${CORE}\n`);
        expect(machine.read(`${IMAGES}/${CORE}`)).toBe("core images");
        expect(machine.read(`${IMAGES}/old.tar.gz`)).toBeUndefined();
        expect(machine.read(`${IMAGES}/mine.tar`)).toBe("mine");
    });

    test("is there in the end, whatever command went wrong", async () => {
        const release = new Release().put(machine);
        const { whole, interrupted } = await interrupt(machine, {
            run: (on, how) => install(on, release.fromFolder, { ...how, recorded: true }),
            kinds,
            look: state,
            next: async (on) => ({ second: await install(on, release.fromFolder), is: state(on) }),
        });
        expect(interrupted.length).toBeGreaterThan(15);
        for (const { fault, after } of interrupted) {
            const { code, stderr } = after.second;
            expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
            expect(after.is).toEqual(whole);
        }
    });

    test("images alone are changed without the install script", async () => {
        const more = new Release("v1.34.10+rke2r1", { [CORE]: "new images" }).put(machine);
        // Only what is needed is asked for.
        machine.remove(`${ARTIFACTS_DIR}/rke2.linux-amd64.tar.gz`);
        const run = await install(machine, { ...more.fromFolder, VERSION: "v1.34.10+rke2r1" });
        expect(run).toMatchObject({ code: 0, calls: [] });
        expect(machine.read(`${IMAGES}/${CORE}`)).toBe("new images");
        expect(machine.read(`${IMAGES}/old.tar.gz`)).toBeUndefined();
    });

    test("an archive that someone has taken away comes back", async () => {
        machine.remove(`${IMAGES}/old.tar.gz`);
        OLD.put(machine);
        await install(machine, { ...OLD.fromFolder, VERSION: "v1.34.10+rke2r1" });
        expect(machine.read(`${IMAGES}/old.tar.gz`)).toBe("old");
    });

    test("without files of our own, the images go", async () => {
        const run = await install(machine, { METHOD: "tar", VERSION: "v1.34.10+rke2r1" });
        expect(run).toMatchObject({ code: 0, calls: [] });
        expect(Object.keys(state(machine)).filter((path) => path.includes("images"))).toEqual([
            `${IMAGES.slice(1)}/mine.tar`,
        ]);
    });
});

describe("from an address", () => {
    const URL = "https://files.example.net/rke2";

    test("each file comes from there and nowhere else, and is verified", async () => {
        const release = new Release().put(machine, "/srv");
        const variables = { METHOD: "air-gap", ARTIFACTS: release.lines, ARTIFACTS_URL: URL };
        const run = await install(machine, variables);
        const curl = (name: string) =>
            `curl -fsS --proto =https --connect-timeout 15 --max-time ${HOST.SECONDS_MAX} --retry 3 -L --max-redirs 0 -o ${machine.root}/var/lib/rancher/rke2/artifacts/${name} ${URL}/${name}`;
        expect({
            ...run,
            calls: run.calls.map((call) => call.replace(/max-time \d+/, "max-time 60")),
        }).toEqual({
            code: 0,
            stdout: `${CORE} is where RKE2 takes images from\n`,
            stderr: "",
            calls: [
                ...[CORE, "install.sh", "sha256sum-amd64.txt", "rke2.linux-amd64.tar.gz"].map(curl),
                "install.sh ",
            ],
        });
        expect((await install(machine, variables)).calls).toEqual([]);
    });

    test("a file that cannot be had is named", async () => {
        const release = new Release().put(machine, "/srv");
        machine.remove("/srv/install.sh");
        expect(
            await install(machine, { METHOD: "air-gap", ARTIFACTS: release.lines, ARTIFACTS_URL: URL }),
        ).toMatchObject({
            code: 1,
            stderr: `curl: (22) The requested URL returned error: 404\neast-1: ${URL}/install.sh cannot be had: see what curl says above, and what rke2.install.artifacts.url says\n`,
        });
    });

    test("what an interrupted download has left is not taken for the file", async () => {
        const release = new Release().put(machine, "/srv");
        const variables = { METHOD: "air-gap", ARTIFACTS: release.lines, ARTIFACTS_URL: URL };
        const { whole, interrupted } = await interrupt(machine, {
            run: (on, how) => install(on, variables, how),
            kinds,
            look: state,
            next: async (on) => ({ second: await install(on, variables), is: state(on) }),
        });
        expect(interrupted).toHaveLength(10);
        for (const { fault, after } of interrupted) {
            const { code, stderr } = after.second;
            expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
            expect(after.is).toEqual(whole);
        }
    });
});
