/* components/rke2/scripts/parts/install.sh with a network: the tarball and packages, on a machine of fakes. */
import { afterEach, beforeEach, describe, expect, test } from "vitest";

import { install, kinds, VERSION } from "./install-fixture.ts";
import { interrupt } from "./interruptions.ts";
import { Machine } from "./machine.ts";

const RPM = { METHOD: "rpm" };
const REPOSITORY = "/etc/yum.repos.d/rancher-rke2.repo";
const ADVICE =
    "keep to the method, or take the node out of the description in a change of its own and describe it again after that";

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});
afterEach(() => {
    machine.dispose();
});

describe("by the tarball", () => {
    test("the script is told release, role and method, once", async () => {
        const run = await install(machine, { ROLE: "agent" });
        expect(run).toEqual({
            code: 0,
            stdout: "",
            stderr: "",
            calls: [
                `curl -fsSL --proto =https --connect-timeout 15 --max-time 120 --retry 3 -o ${machine.root}/etc/rancher/rke2/install.sh.new https://get.rke2.io`,
                "install.sh ",
            ],
        });
        expect(machine.read("/run/installer")).toBe(
            `INSTALL_RKE2_METHOD=tar\nINSTALL_RKE2_TYPE=agent\nINSTALL_RKE2_VERSION=${VERSION}\n`,
        );
        expect((await install(machine, { ROLE: "agent" })).calls).toEqual([]);
    });

    test("script and download go the described way out", async () => {
        await install(machine, {
            PROXY: "HTTPS_PROXY=http://proxy:3128\nNO_PROXY=localhost\nCONTAINERD_HTTPS_PROXY=http://proxy:3128",
        });
        expect(machine.read("/run/environment")).toBe("HTTPS_PROXY=http://proxy:3128\nNO_PROXY=localhost\n");
        expect(machine.read("/run/installer")).toContain("HTTPS_PROXY=http://proxy:3128\n");
    });

    test("an installation by packages is refused before anything, with what to do", async () => {
        machine.world("packages", "rke2-common-1.35.7~rke2r1-0.el9.x86_64\n");
        expect(await install(machine, {}, { packages: true })).toMatchObject({
            code: 1,
            stderr: `east-1: RKE2 is installed here by packages (rke2-common-1.35.7~rke2r1-0.el9.x86_64), and rke2.install.method is tar: ${ADVICE}\n`,
            calls: [],
        });
    });

    test("a method that is none is refused", async () => {
        expect(await install(machine, { METHOD: "snap" })).toMatchObject({
            code: 1,
            stderr: "east-1: there is no method snap to install RKE2: tar, rpm or air-gap\n",
            calls: [],
        });
    });
});

describe("by packages", () => {
    test("a pinned release comes from the channel that has it at once", async () => {
        const run = await install(machine, RPM, { packages: true });
        expect(run).toMatchObject({
            code: 0,
            stdout: "updates of this host's packages leave RKE2 alone\n",
            stderr: "",
        });
        expect(machine.read("/run/installer")).toBe(
            `INSTALL_RKE2_CHANNEL=latest\nINSTALL_RKE2_METHOD=rpm\nINSTALL_RKE2_TYPE=server\nINSTALL_RKE2_VERSION=${VERSION}\n`,
        );
        await install(machine, { ...RPM, CHANNEL: "stable", VERSION: "v1.35.8+rke2r1" }, { packages: true });
        expect(machine.read("/run/installer")).toContain("INSTALL_RKE2_CHANNEL=stable\n");
    });

    test("an update of the host's packages does not find RKE2's, but its SELinux policy", async () => {
        await install(machine, RPM, { packages: true });
        const held =
            "[rancher-rke2-common-latest]\nenabled=1\ngpgcheck=1\n[rancher-rke2-1.35-latest]\nenabled=0\ngpgcheck=1\n";
        expect(machine.read(REPOSITORY)).toBe(held);
        expect(await install(machine, RPM, { packages: true })).toMatchObject({ code: 0, stdout: "" });
        machine.file(REPOSITORY, held.replace("enabled=0", "enabled=1"));
        await install(machine, RPM, { packages: true });
        expect(machine.read(REPOSITORY)).toBe(held);
    });

    test.each(["/usr/local/bin/rke2", "/opt/rke2/bin/rke2"])(
        "a tarball's installation (%s) is refused before anything, with what to do",
        async (file) => {
            machine.file(file, "#!/bin/sh\n", 0o755);
            expect(await install(machine, RPM, { packages: true })).toMatchObject({
                code: 1,
                stderr: `east-1: RKE2 is installed here by its tarball (${file}), and rke2.install.method is rpm: ${ADVICE}\n`,
                calls: [],
            });
        },
    );

    test("a host without packages is refused", async () => {
        expect(await install(machine, RPM)).toMatchObject({
            code: 1,
            stderr: "east-1: this host has neither yum nor zypper, and rke2.install.method is rpm: choose tar\n",
            calls: [],
        });
    });

    describe("over a node that runs", () => {
        const NEXT = { ...RPM, VERSION: "v1.35.8+rke2r1" };

        beforeEach(async () => {
            await install(machine, RPM, { packages: true });
            machine.file("/usr/local/lib/systemd/system/rke2-server.service", "[Unit]\n");
            machine.world("units/rke2-server/state", "active\n");
        });

        test("the node is stopped first, as the packages would restart it", async () => {
            const run = await install(machine, NEXT, { packages: true });
            expect(run.calls.slice(-2)).toEqual(["systemctl stop rke2-server", "install.sh "]);
            expect(machine.service("rke2-server").state).toBe("inactive");
        });

        test("the node goes on where they cannot be installed", async () => {
            machine.world("install-fails", "");
            const run = await install(machine, NEXT, { packages: true });
            expect(run).toMatchObject({
                code: 1,
                stderr: "east-1: the install script of RKE2 failed: see what it says above. If it does not find v1.35.8+rke2r1, that is not in the channel latest: see rke2.install.channel\n",
            });
            expect(run.calls.at(-1)).toBe("systemctl start --no-block rke2-server");
        });
    });
});

test.each([
    ["tar", {}, false],
    ["rpm", RPM, true],
])(
    "an installation by %s is complete in the end, whatever command went wrong",
    async (_, variables, packages) => {
        const { whole, interrupted } = await interrupt(machine, {
            run: (on, how) => install(on, variables, { ...how, packages, recorded: true }),
            kinds,
            look: (on) => on.snapshot(),
            next: async (on) => ({ second: await install(on, variables, { packages }), is: on.snapshot() }),
        });
        expect(interrupted.length).toBeGreaterThan(5);
        for (const { fault, after } of interrupted) {
            const { code, stderr } = after.second;
            expect({ fault, code, stderr }).toEqual({ fault, code: 0, stderr: "" });
            expect(after.is).toEqual(whole);
        }
    },
);
