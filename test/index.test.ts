/* The program as Pulumi runs it: index.ts, in a stack, with a configuration. */
import * as pulumi from "@pulumi/pulumi";
import { expect, it, vi } from "vitest";

import { record } from "../plan/record.ts";
import dev from "../stacks/dev.ts";
import { deployed } from "./support/program.ts";

async function run(
    stack: string,
    { config = {}, secretKeys = [] }: { config?: Record<string, string>; secretKeys?: string[] } = {},
) {
    vi.resetModules();
    let count = 0;
    const program = async () => {
        pulumi.runtime.setAllConfig(config, secretKeys);
        const exported: Record<string, unknown> = await import("../index.ts");
        return { ...exported };
    };
    try {
        const { resources, outputs } = await record(program, {
            project: "multicluster",
            stack,
            onProgress: (registered) => (count = registered),
        });
        return { resources, outputs, count, message: "" };
    } catch (error) {
        return {
            resources: [],
            outputs: {},
            count,
            message: error instanceof Error ? error.message : String(error),
        };
    }
}

it("registers for a stack what its description means", async () => {
    const { resources, message } = await run("dev");
    expect(message).toBe("");
    const names = (all: readonly { type: string; name: string }[]) =>
        all.map(({ type, name }) => `${type} ${name}`).sort();
    expect(names(resources)).toEqual(names((await deployed(dev)).resources));
});

it("exports the CA's certificate, when certificates end, and each cluster's addresses and kubeconfig", async () => {
    const { outputs } = await run("dev");
    expect(Object.keys(outputs)).toEqual(["caCertificate", "certificateEnds", "clusters"]);
    expect(outputs).toMatchObject({
        clusters: {
            east: { api: "192.168.10.11:6443", meshApi: "192.168.10.200:2379" },
            west: { api: "192.168.20.11:6443", meshApi: "192.168.20.200:2379" },
        },
    });
});

it("refuses a stack that nobody described, before anything is registered", async () => {
    expect(await run("staging")).toMatchObject({
        count: 0,
        message:
            "there is no stacks/staging.ts to describe the stack staging; there are: aci-advanced, aci-simple, dev, edge, lab, prod",
    });
});

it("refuses a stack without its secrets, all at once, before anything is registered", async () => {
    const { count, message } = await run("prod");
    expect(count).toBe(0);
    expect(message.split("\n")[0]).toBe("prod: 7 problems");
    for (const key of ["sshPrivateKey", "fraToken", "amsToken", "wawToken", "fraRouterPassword"]) {
        expect(message).toContain(`fix: run: pulumi config set --secret ${key}`);
    }
});

it("refuses a stack with warnings where its configuration says so", async () => {
    const { count, message } = await run("dev", { config: { "multicluster:refuseWarnings": "true" } });
    expect(count).toBe(0);
    expect(message).toContain("SSH host keys are not checked on east-1, east-2");
});
