import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";

import { loadDescription, loadStack, stackNames } from "../../stacks/load.ts";

function moduleFile(text: string): string {
    const file = join(mkdtempSync(join(tmpdir(), "description-")), "mesh.mjs");
    writeFileSync(file, text);
    return file;
}

it("finds a description for every environment, and takes no other module for one", async () => {
    for (const name of await stackNames()) expect(await loadStack(name)).toMatchObject({ name });
});

it("names the stacks there are for one that there is not", async () => {
    await expect(loadStack("staging")).rejects.toThrow(
        /^there is no stacks\/staging\.ts to describe the stack staging; there are: aci-advanced, aci-simple, dev, edge, lab, prod$/,
    );
});

it("does not take a module of the program for a stack", async () => {
    await expect(loadStack("deploy-mesh")).rejects.toThrow(
        "there are: aci-advanced, aci-simple, dev, edge, lab, prod",
    );
});

it("takes the default export of any module", async () => {
    expect(await loadDescription(moduleFile("export default { name: 'mine' };"))).toEqual({ name: "mine" });
});

it("refuses a file that is not there", async () => {
    await expect(loadDescription("/nowhere/mesh.ts")).rejects.toThrow(
        /^\/nowhere\/mesh\.ts cannot be loaded: /,
    );
});

it("says why a module cannot be loaded", async () => {
    const file = moduleFile("throw new RangeError('carve: 10.0.0.0/30 has 4 networks of /32');");
    await expect(loadDescription(file)).rejects.toThrow(
        `${file} cannot be loaded: carve: 10.0.0.0/30 has 4 networks of /32`,
    );
});

it.each([
    ["an object without a prototype", "throw Object.create(null);", "an object that is no Error was thrown"],
    [
        "an Error without a message",
        "throw Object.assign(new Error(), { message: {} });",
        "something was thrown that cannot be shown",
    ],
    ["a message of several lines", "throw new Error('one\\n  two');", "one two"],
    ["a text", "throw 'no';", "no"],
])("says in one line that a module throws %s", async (_, text, reason) => {
    const file = moduleFile(text);
    await expect(loadDescription(file)).rejects.toThrow(
        new pulumi.RunError(`${file} cannot be loaded: ${reason}`),
    );
});

it.each([
    ["a Promise", "export default Promise.resolve({ name: 'mine' });"],
    ["a Promise that fails", "export default Promise.reject(new Error('no'));"],
    ["a Promise that never comes", "export default new Promise(() => {});"],
    ["what looks like a Promise", "export default { then() {} };"],
])("refuses %s as a description", async (_, text) => {
    const file = moduleFile(text);
    await expect(loadDescription(file)).rejects.toThrow(
        new pulumi.RunError(
            `${file} exports a Promise, and not a description: write export default await ...`,
        ),
    );
});

it("says that a description cannot be read", async () => {
    const file = moduleFile("export default new Proxy({}, { has() { throw new Error('no'); } });");
    await expect(loadDescription(file)).rejects.toThrow(new pulumi.RunError(`${file} cannot be read: no`));
});

it("refuses a module without a default export", async () => {
    const file = moduleFile("export const mesh = {};");
    await expect(loadDescription(file)).rejects.toThrow(
        `${file} has no default export: write export default defineMesh({ ... })`,
    );
});
