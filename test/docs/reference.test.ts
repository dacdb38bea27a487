import { readFileSync } from "node:fs";

import { beforeAll, describe, expect, it } from "vitest";

import { referencePage, referenceSections } from "../../docs/reference.ts";
import type { Section } from "../../docs/generator/sections.ts";
import { schemaPaths } from "./schema-paths.ts";

const onDisk = readFileSync(new URL("../../docs/reference.md", import.meta.url), "utf8");

describe("docs/reference.md", () => {
    let sections: readonly Section[] = [];
    const options = () => sections.flatMap((section) => section.options);

    beforeAll(async () => {
        sections = await referenceSections();
    });

    it("is what npm run docs writes", async () => {
        expect(onDisk, "run: npm run docs").toBe(await referencePage(sections));
    });

    it("has every option that the schema knows, and no other", () => {
        const known = schemaPaths().map(({ path }) => path);
        expect(known.length).toBeGreaterThan(150);
        const inPage = [...onDisk.matchAll(/^- `([^`]+)`/gm)].map(([, path]) => path);
        expect([...new Set(inPage)].sort()).toEqual(known.toSorted());
    });

    it("says what every option means", () => {
        expect(options().filter(({ meaning }) => !/\w.*\.$/.test(meaning))).toEqual([]);
    });

    it("calls required what the schema wants, and nothing else", () => {
        const optional = new Set(
            schemaPaths()
                .filter((entry) => entry.optional)
                .map(({ path }) => path),
        );
        const wrong = options().filter(({ path, required }) => required === optional.has(path));
        expect(wrong).toEqual([]);
    });

    it("gives no default to an option that is required", () => {
        expect(options().filter((option) => option.required && option.default !== undefined)).toEqual([]);
    });

    it("shows the forms of an object one by one", () => {
        const forms = sections
            .filter(({ path }) => path === "clusters.<name>.announce")
            .map(({ form }) => form);
        expect(forms).toEqual(['`mode: "l2"`', '`mode: "bgp"`', '`mode: "none"`']);
    });

    it("writes an option on one line, with type, default and meaning", () => {
        expect(onDisk.split("\n")).toContain(
            "- `clusters.<name>.announce.peers.<name>.holdTimeSeconds` (integer, 3 to 65535; default: `90`): " +
                "How long a silent neighbour counts as alive, at least 3.",
        );
    });
});
