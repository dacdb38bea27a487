import { readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { PROGRAMS } from "./catalogue.ts";
import { argumentsOf, folderOfSet, recipeOf, SETS } from "./go-sets.ts";
import type { Program } from "./program.ts";

/** The lines of a go.mod, whether they stand alone or in a block. */
function lines(set: Parameters<typeof folderOfSet>[0]): string[] {
    return read(set)
        .split("\n")
        .map((line) => line.trim().replace(/^(require|tool) /, ""));
}

function read(set: Parameters<typeof folderOfSet>[0], name = "go.mod"): string {
    return readFileSync(join(folderOfSet(set), name), "utf8");
}

describe("what is built with Go", () => {
    it.each([
        ["engine", "github.com/pulumi/pulumi/pkg/v3 v3.259.0"],
        ["kubernetes", "k8s.io/kubernetes v1.35.4"],
        ["cilium", "github.com/cilium/cilium v1.19.6"],
        ["helm", "helm.sh/helm/v3 v3.18.6"],
        ["metallb", "go.universe.tf/metallb v0.16.1"],
        ["gobgp", "github.com/osrg/gobgp/v3 v3.37.0"],
    ] as const)("is of the version that the go.mod of %s names", (set, required) => {
        expect(lines(set)).toContain(required);
        expect(required.endsWith(` v${SETS[set].version}`)).toBe(true);
    });

    it("calls the Kubernetes provider by its own version", () => {
        const { version } = SETS["kubernetes-provider"];
        expect(read("kubernetes-provider", "main.go")).toContain(
            `provider.Serve("kubernetes", "${version}",`,
        );
    });

    it("is named as a tool in its go.mod, so that every module it needs is there", () => {
        const programs: readonly Program[] = PROGRAMS;
        const unnamed = programs.filter(
            ({ build }) =>
                build !== undefined &&
                !build.package.startsWith("lab/") &&
                !lines(build.set).includes(build.package),
        );
        expect(unnamed).toEqual([]);
    });

    it("has a name in the cache that changes with its recipe only", () => {
        expect(recipeOf("helm")).toMatch(/^[0-9a-f]{8}$/);
        expect(recipeOf("helm")).toBe(recipeOf("helm"));
        expect(recipeOf("helm")).not.toBe(recipeOf("metallb"));
    });

    it("tells its version and carries no path of this machine", () => {
        expect(argumentsOf("cilium")).toEqual([
            "-trimpath",
            "-tags",
            "ipam_provider_operator",
            "-ldflags",
            "-s -w -X github.com/cilium/cilium/pkg/version.ciliumVersion=1.19.6",
        ]);
    });
});
