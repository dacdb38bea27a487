/*
 * Writes docs/reference.md from the schemas in model/description: what may stand where from the schemas themselves, what it
 * means from their JSDoc. Run it with `npm run docs` after every change there.
 */
import { writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { format, resolveConfig } from "prettier";

import { mesh } from "../model/description/mesh.ts";
import { readTypes } from "./generator/documentation.ts";
import { toMarkdown } from "./generator/markdown.ts";
import { sectionsOf, type Section } from "./generator/sections.ts";

const REFERENCE = fileURLToPath(new URL("reference.md", import.meta.url));

/** Every object of a description with its keys. */
export async function referenceSections(): Promise<Section[]> {
    return sectionsOf(mesh, await readTypes());
}

/** The page as it must be on disk. */
export async function referencePage(sections: readonly Section[]): Promise<string> {
    return format(toMarkdown(sections), { ...(await resolveConfig(REFERENCE)), filepath: REFERENCE });
}

if (import.meta.main) await writeFile(REFERENCE, await referencePage(await referenceSections()));
