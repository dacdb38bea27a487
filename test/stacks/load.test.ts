import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

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
        /^there is no stacks\/staging\.ts to describe the stack staging; there are: dev, edge, prod$/,
    );
});

it("does not take a module of the program for a stack", async () => {
    await expect(loadStack("deploy-mesh")).rejects.toThrow("there are: dev, edge, prod");
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

it("refuses a module without a default export", async () => {
    const file = moduleFile("export const mesh = {};");
    await expect(loadDescription(file)).rejects.toThrow(
        `${file} has no default export: write export default defineMesh({ ... })`,
    );
});
