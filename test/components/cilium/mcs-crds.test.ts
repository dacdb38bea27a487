import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import { mcsCrds } from "../../../components/cilium/mcs-crds.ts";
import { minorOf } from "../../../model/support/version.ts";
import { record } from "../../../plan/record.ts";
import { VERSIONS } from "./fixtures.ts";

async function madeFor(version: string, mcsApi: boolean) {
    const { resources } = await record(
        () => {
            const parent = new pulumi.ComponentResource("test:Cluster", "east");
            mcsCrds("east-cilium", { version, mcsApi }, { parent });
            return {};
        },
        { project: "multicluster", stack: "test" },
    );
    return resources.slice(1).map(({ name, retainOnDelete, inputs }) => ({ name, retainOnDelete, inputs }));
}

describe.each(VERSIONS)("the kinds of the Multi-Cluster Services API for Cilium %s", (version) => {
    it("are made and never deleted where the operator does not bring them", async () => {
        const kind = (singular: string) => ({
            name: `east-cilium-mcs-${singular}s`,
            retainOnDelete: true,
            inputs: {
                apiVersion: "apiextensions.k8s.io/v1",
                kind: "CustomResourceDefinition",
                metadata: {
                    name: `${singular}s.multicluster.x-k8s.io`,
                    annotations: { "pulumi.com/patchForce": "true" },
                },
            },
        });
        expect(await madeFor(version, true)).toMatchObject(
            minorOf(version) >= 19 ? [] : [kind("serviceexport"), kind("serviceimport")],
        );
    });

    it("are not made where nobody asks for them", async () => {
        expect(await madeFor(version, false)).toEqual([]);
    });
});
