import { readFileSync, statSync } from "node:fs";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

const read = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), "utf8");
const manifest = z
    .object({
        name: z.string(),
        type: z.string(),
        main: z.string(),
        license: z.string(),
        engines: z.object({ node: z.string() }),
        devDependencies: z.object({ node: z.string() }),
    })
    .parse(JSON.parse(read("package.json")));

describe("the project's files", () => {
    it("let Node run the program as it is, and declare every key of the configuration", () => {
        expect(parse(read("Pulumi.yaml"))).toEqual({
            name: manifest.name,
            description:
                "A multi-cluster network from one description: RKE2, Cilium Cluster Mesh, MetalLB or LB-IPAM, BGP or L2.",
            runtime: { name: "nodejs", options: { typescript: false, packagemanager: "npm" } },
            config: {
                refuseWarnings: {
                    type: "boolean",
                    description: "Treat warnings about the description as problems.",
                    default: false,
                },
            },
        });
        expect(manifest).toMatchObject({ type: "module", main: "index.ts" });
    });

    it("agree on the version of Node", () => {
        expect(read(".nvmrc").trim()).toBe(manifest.devDependencies.node.split(".")[0]);
        expect(manifest.engines.node).toBe(">=22.18");
    });

    it("let npm install on an older Node, since the packages bring the one that is used", () => {
        expect(read(".npmrc")).not.toContain("engine-strict");
    });

    it("hold the licence that package.json names", () => {
        expect(manifest.license).toBe("Apache-2.0");
        expect(read("LICENSE")).toMatch(/^ +Apache License\n +Version 2\.0, January 2004\n/);
    });

    it("have a .ci/run that can be run", () => {
        expect(statSync(new URL("../../.ci/run", import.meta.url)).mode & 0o111).toBe(0o111);
    });
});
