import { readdirSync, readFileSync } from "node:fs";

import { expect, it } from "vitest";

import { cautions, refusals } from "../../../model/rules/index.ts";

const modules = readdirSync("model/rules")
    .map((file) => file.replace(/\.ts$/, ""))
    .filter((name) => name !== "index" && name !== "rule");

it.each(modules)("shows a bad example of each rule in %s.ts, and forgets none", async (name) => {
    const loaded: unknown = await import(`../../../model/rules/${name}.ts`);
    if (typeof loaded !== "object" || loaded === null) throw new Error(`${name}.ts exports nothing`);
    const listed = Object.entries(loaded).filter(([, value]) =>
        [...refusals, ...cautions].some((rule) => rule === value),
    );
    const constants = [
        ...readFileSync(`model/rules/${name}.ts`, "utf8").matchAll(/^export const (\w+): Rule/gm),
    ];
    expect(listed.map(([rule]) => rule).sort()).toEqual(constants.map(([, rule]) => rule).sort());
    const test = readFileSync(`test/model/rules/${name}.test.ts`, "utf8");
    for (const [rule, value] of listed) {
        const verb = cautions.some((caution) => caution === value) ? "warns" : "refuses";
        expect(test).toMatch(new RegExp(`\\b${verb}\\(\\s*(\\w+\\.)?${rule},`));
    }
});
