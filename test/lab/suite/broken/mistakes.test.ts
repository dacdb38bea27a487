import { readFileSync } from "node:fs";
import { join } from "node:path";

import { expect, it } from "vitest";

import { PROGRAM } from "../../mesh/program.ts";
import * as mistakes from "./mistakes.ts";

it.each(Object.entries(mistakes))("%s can be made in the program as it is now", (_name, edits) => {
    for (const { file, find } of edits) {
        const places = readFileSync(join(PROGRAM, file), "utf8").split(find).length - 1;
        expect([file, find, places]).toEqual([file, find, 1]);
    }
});
