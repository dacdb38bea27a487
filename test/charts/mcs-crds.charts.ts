import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { z } from "zod";

import { minorOf } from "../../model/support/version.ts";
import type { RecordedResource } from "../../plan/record.ts";
import { deployed } from "../support/program.ts";
import { CILIUM_VERSIONS, crdsOfMcsApi } from "./charts.ts";
import { meshOf } from "./every-version.ts";

const CRD = "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition";

const crd = z.looseObject({ metadata: z.object({ name: z.string() }) });

/** What the API itself has, by its kind. */
const upstream = readdirSync(crdsOfMcsApi())
    .filter((file) => file.endsWith(".yaml"))
    .map((file) => crd.parse(parse(readFileSync(join(crdsOfMcsApi(), file), "utf8"))));

/** Without words for people, and with the names of extensions as Kubernetes spells them. */
function meant(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(meant);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
        Object.entries(value)
            .filter(([key, inner]) => key !== "description" || typeof inner !== "string")
            .map(([key, inner]) => [
                key.startsWith("x_kubernetes_") ? key.replaceAll("_", "-") : key,
                meant(inner),
            ]),
    );
}

async function crdsWith(version: string, mcsApi: boolean): Promise<RecordedResource[]> {
    const deployment = await deployed(meshOf(version, ({ cilium }) => void (cilium.mcsApi = mcsApi)));
    const crds = deployment.inCluster("east").filter(({ type }) => type === CRD);
    const release = deployment.one("kubernetes:helm.sh/v3:Release", "east-cilium-chart");
    expect(release.dependsOn).toEqual(expect.arrayContaining(crds.map(({ urn }) => urn)));
    return crds;
}

describe.each(CILIUM_VERSIONS)("the kinds of the Multi-Cluster Services API for Cilium %s", (version) => {
    const operatorBringsThem = minorOf(version) >= 19;

    it("are made before an operator that does not bring them, and stay", async () => {
        const crds = await crdsWith(version, true);
        expect(crds.map(({ inputs }) => meant(crd.parse(inputs)))).toEqual(
            operatorBringsThem ? [] : upstream.map(meant),
        );
        expect(crds.every(({ retainOnDelete }) => retainOnDelete)).toBe(true);
    });

    it("are not made where nobody asks for them", async () => {
        expect(await crdsWith(version, false)).toEqual([]);
    });
});
