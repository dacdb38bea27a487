import { describe, expect, it } from "vitest";

import { refused } from "../announcing/program.ts";
import { systemUpgrade } from "./system-upgrade-fixture.ts";

describe("SystemUpgrade refuses", () => {
    it("a cluster of packages, and one of files that were brought along", async () => {
        expect(await refused(() => systemUpgrade({ install: { method: "rpm" } }))).toBe(
            [
                "SystemUpgrade east: 1 problem",
                '✖ install.method = "rpm"',
                "    cannot be upgraded by the system-upgrade-controller, which changes the binary alone: the package manager would go on to have the old release, and put it back at the next occasion",
                '    fix: let this program upgrade: upgrade: { by: "ssh" }',
            ].join("\n"),
        );
        expect(await refused(() => systemUpgrade({ install: { method: "air-gap" } }))).toBe(
            [
                "SystemUpgrade east: 1 problem",
                '✖ install.method = "air-gap"',
                "    cannot be upgraded by the system-upgrade-controller, which changes the binary alone: its jobs pull the release as an image, and the archives of images on the hosts would stay those of the old one",
                '    fix: let this program upgrade: upgrade: { by: "ssh" }',
            ].join("\n"),
        );
    });

    it("what is no release, no image and no number, all at once", async () => {
        expect(
            await refused(() =>
                systemUpgrade({
                    version: "1.35.4",
                    controllerVersion: "v0.14.2",
                    images: {
                        controller: "registry.example.net:5000/suc:v0.20.1",
                        upgrade: "registry.example.net:5000/rke2-upgrade@sha256:0a1b",
                        kubectl: "registry.example.net:5000/kubectl",
                    },
                    agentsAtOnce: 0,
                    drainSeconds: 0.5,
                }),
            ),
        ).toBe(
            [
                "SystemUpgrade east: 7 problems",
                '✖ version = "1.35.4"',
                "    must be the tag of an RKE2 release",
                '    fix: write it as "v1.35.7+rke2r1"',
                '✖ controllerVersion = "v0.14.2"',
                "    is too old: two of it would work at the same time; it chooses a leader since v0.15.0",
                "    fix: leave it out, or write a later one",
                '✖ images.controller = "registry.example.net:5000/suc:v0.20.1"',
                "    has a tag, and gets that of controllerVersion",
                "    fix: leave the tag out",
                '✖ images.upgrade = "registry.example.net:5000/rke2-upgrade@sha256:0a1b"',
                "    has a tag, and gets that of the RKE2 release",
                "    fix: leave the tag out",
                '✖ images.kubectl = "registry.example.net:5000/kubectl"',
                "    has no tag: another kubectl could come with each job",
                '    fix: write it as "rancher/kubectl:v1.30.3"',
                "✖ agentsAtOnce = 0",
                "    must be a whole number from 1",
                "    fix: write 1 or more",
                "✖ drainSeconds = 0.5",
                "    must be a whole number from 1",
                "    fix: write 1 or more",
            ].join("\n"),
        );
    });

    it.each(["0.20.1", "v0.20", "v0.20.1-rc.1", "latest"])(
        "%s for a release of the controller",
        async (version) => {
            expect(await refused(() => systemUpgrade({ controllerVersion: version }))).toBe(
                [
                    "SystemUpgrade east: 1 problem",
                    `✖ controllerVersion = "${version}"`,
                    "    must be the tag of a release of the system-upgrade-controller",
                    '    fix: write it as "v0.20.1"',
                ].join("\n"),
            );
        },
    );
});
