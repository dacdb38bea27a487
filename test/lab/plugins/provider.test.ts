import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { expect, onTestFinished, test } from "vitest";

import type { Properties } from "./property.ts";
import { StandInProvider } from "./provider.ts";
import type { ResourceType } from "./resource-type.ts";
import { writePlugins } from "./write-plugins.ts";

const URN = "urn:pulumi:dev::plug::a:b:Component$t:index:Thing::name";

test("a resource goes to its type, below a component too; a type that there is not is refused by name", async () => {
    const provider = new StandInProvider("t", "1.0.0", { "t:index:Thing": thing() });
    expect(await provider.create(URN, { a: 1 })).toEqual({ id: "id", outs: { a: 1 } });
    await expect(provider.create(URN.replace("Thing", "Other"), {})).rejects.toThrow(
        /^t:index:Other: the lab's stand-in for the t provider has only t:index:Thing/,
    );
    await expect(provider.read("id", URN, {})).rejects.toThrow("imports nothing");
});

test("an end without the engine cancels, and waits for what runs", async () => {
    const order: string[] = [];
    const { promise, resolve } = Promise.withResolvers<Properties>();
    const type = {
        ...thing(),
        create: async () => ({ id: "id", outputs: await promise }),
        cancel: () => {
            order.push("cancel");
            setTimeout(() => {
                order.push("created");
                resolve({});
            }, 10);
        },
    };
    const provider = new StandInProvider("t", "1.0.0", { "t:index:Thing": type });
    const creating = provider.create(URN, {});
    await provider.finish();
    expect(order).toEqual(["cancel", "created"]);
    await creating;
});

test("the plugins are executables that start Node with whatever the engine says", () => {
    const folder = mkdtempSync(join(tmpdir(), "it's plugins-"));
    onTestFinished(() => {
        rmSync(folder, { recursive: true });
    });
    writePlugins(folder, "/bin/echo");
    for (const plugin of ["tls", "command"]) {
        const printed = execFileSync(join(folder, `pulumi-resource-${plugin}`), ["127.0.0.1:1"], {
            encoding: "utf8",
        });
        expect(printed).toBe(`${join(import.meta.dirname, plugin, "main.ts")} 127.0.0.1:1\n`);
    }
});

function thing(): ResourceType {
    return {
        check: (inputs) => ({ inputs, failures: [] }),
        diff: () => ({}),
        create: (inputs) => Promise.resolve({ id: "id", outputs: inputs }),
        update: (_recorded, inputs) => Promise.resolve(inputs),
        delete: () => Promise.resolve(),
        read: (recorded) => recorded,
    };
}
