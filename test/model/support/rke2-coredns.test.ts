import { readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { bundledCilium } from "../../../model/support/rke2-cilium.ts";
import {
    broughtCoredns,
    knowsClustersets,
    releasesWithClustersets,
} from "../../../model/support/rke2-coredns.ts";

it.each([
    ["v1.35.7+rke2r1", { chart: "1.46.201", coredns: "1.14.6" }, true],
    ["v1.33.2+rke2r1", { chart: "1.42.302", coredns: "1.12.2" }, true],
    ["v1.33.1+rke2r1", { chart: "1.42.000", coredns: "1.12.1" }, false],
    ["v1.31.0+rke2r1", { chart: "1.29.004", coredns: "1.11.1" }, false],
])("knows what RKE2 %s brings", (release, brought, enough) => {
    expect(broughtCoredns(release)).toEqual(brought);
    expect(knowsClustersets(brought)).toBe(enough);
});

it("knows nothing of other releases", () => {
    expect(broughtCoredns("v1.35.99+rke2r1")).toBeUndefined();
    expect(broughtCoredns("v1.35")).toBeUndefined();
});

it.each([
    [31, "v1.31.10+rke2r1"],
    [32, "v1.32.6+rke2r1"],
    [33, "v1.33.2+rke2r1"],
    [34, "v1.34.1+rke2r1"],
    [35, "v1.35.0+rke2r1"],
    [36, "v1.36.0+rke2r1"],
    [37, undefined],
])("finds the first release of v1.%i that knows sets of clusters", (minor, first) => {
    expect(releasesWithClustersets(minor)[0]).toBe(first);
});

it("knows the same releases as the list of what Cilium they bring", () => {
    const releases = (file: string) =>
        [...readFileSync(`model/support/${file}.ts`, "utf8").matchAll(/v1\.\d+\.\d+\+rke2r\d+/g)]
            .map(([release]) => release)
            .sort();
    const known = releases("rke2-coredns");
    expect(known).toEqual(releases("rke2-cilium"));
    expect(known.every((release) => bundledCilium(release) !== undefined)).toBe(true);
});
