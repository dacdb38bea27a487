/* Dependencies point one way: index.ts -> stacks -> components -> model. */
import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { expect, it } from "vitest";

/** The folders that each folder may import from, itself included. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
    model: ["model"],
    components: ["components", "model"],
    stacks: ["stacks", "components", "model"],
    plan: ["plan", "stacks", "components", "model"],
    docs: ["docs", "model"],
    ops: ["ops", "stacks", "components", "model"],
};

interface Import {
    readonly file: string;
    readonly from: string;
}

function importsOf(folder: string): Import[] {
    return globSync(`${folder}/**/*.ts`).flatMap((file) =>
        [...readFileSync(file, "utf8").matchAll(/(?:from|import\()\s*"([^"]+)"/g)].map(([, from = ""]) => ({
            file,
            from,
        })),
    );
}

it.each(Object.entries(MAY_IMPORT))("%s imports only from %j", (folder, allowed) => {
    const local = importsOf(folder).filter(({ from }) => from.startsWith("."));
    expect(local.length).toBeGreaterThan(0);
    const elsewhere = local.filter(
        ({ file, from }) => !allowed.includes(join(dirname(file), from).split("/")[0] ?? ""),
    );
    expect(elsewhere).toEqual([]);
});

it("keeps Pulumi, files and processes out of the model", () => {
    const foreign = importsOf("model").filter(
        // Certificates are read with Node's own X.509, which asks nothing of the machine.
        ({ from }) => from.startsWith("@pulumi/") || (from.startsWith("node:") && from !== "node:crypto"),
    );
    expect(foreign).toEqual([]);
});

it("keeps configuration and environment variables out of the components", () => {
    const readers = globSync("components/**/*.ts").filter((file) =>
        /pulumi\.Config\b|process\.env|getStack\(|Date\.now|Math\.random|new Date\(/.test(
            readFileSync(file, "utf8"),
        ),
    );
    expect(readers).toEqual([]);
});

it("keeps index.ts short", () => {
    expect(readFileSync("index.ts", "utf8").split("\n").length).toBeLessThanOrEqual(41);
});
