import { expect, it } from "vitest";

import { CILIUM_MINORS, kubernetesOf } from "../../../model/support/matrix.ts";
import { bundledCilium, releaseWith } from "../../../model/support/rke2-cilium.ts";
import { minorOf } from "../../../model/support/version.ts";

it.each([
    ["v1.35.7+rke2r1", { chart: "1.19.601", cilium: "1.19.6" }],
    ["v1.33.7+rke2r1", { chart: "1.18.401", cilium: "1.18.4" }],
    // A patch of RKE2, and the next minor version of Cilium.
    ["v1.33.8+rke2r1", { chart: "1.19.001", cilium: "1.19.0" }],
    ["v1.31.6+rke2r1", { chart: "1.17.000", cilium: "1.17.0" }],
    ["v1.35.99+rke2r1", undefined],
])("knows what RKE2 %s brings", (release, brought) => {
    expect(bundledCilium(release)).toEqual(brought);
});

it("finds the newest release with a Cilium", () => {
    expect(releaseWith("1.18.6", 34)).toBe("v1.34.3+rke2r3");
    expect(releaseWith("1.19.1", 33)).toBe("v1.33.10+rke2r3");
    expect(releaseWith("1.18.6", 36)).toBeUndefined();
});

it("takes every release for what Cilium runs on", () => {
    for (const minor of CILIUM_MINORS) {
        for (const kubernetes of [31, 32, 33, 34, 35, 36]) {
            for (let patch = 0; patch < 20; patch++) {
                if (releaseWith(`1.${minor}.${patch}`, kubernetes) === undefined) continue;
                expect(kubernetesOf(minor)?.from).toBeLessThanOrEqual(kubernetes);
                expect(kubernetesOf(minor)?.to).toBeGreaterThanOrEqual(kubernetes);
            }
        }
    }
    expect(minorOf(bundledCilium("v1.36.3+rke2r1")?.cilium ?? "")).toBe(19);
});
