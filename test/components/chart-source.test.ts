import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { sourceProblems } from "../../components/chart-source.ts";

let folder = "";
beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "chart-"));
    mkdirSync(join(folder, "chart"));
    writeFileSync(join(folder, "chart/Chart.yaml"), "name: chart\n");
    mkdirSync(join(folder, "odd/Chart.yaml"), { recursive: true });
    writeFileSync(join(folder, "chart-1.0.0.tgz"), "");
    writeFileSync(join(folder, "notes.txt"), "");
});
afterAll(() => {
    rmSync(folder, { recursive: true });
});

const NO_FOLDER = "is not a chart: the folder holds no Chart.yaml";

describe("a chart's source", () => {
    it.each(["chart", "chart/", "chart-1.0.0.tgz"])("may be %s", (name) => {
        expect(sourceProblems("chart", { path: `${folder}/${name}` })).toEqual([]);
    });

    it.each([{ repository: "https://helm.cilium.io/" }, { oci: "oci://quay.io/cilium/charts/cilium" }])(
        "may be %j, which is not looked at",
        (source) => {
            expect(sourceProblems("chart", source)).toEqual([]);
        },
    );

    it.each([
        ["none", `does not exist; a relative path begins at ${process.cwd()}`],
        ["notes.txt/none", `does not exist; a relative path begins at ${process.cwd()}`],
        ["\0", `does not exist; a relative path begins at ${process.cwd()}`],
        ["notes.txt", "is not a chart: neither a folder nor an archive whose name ends in .tgz"],
        ["", NO_FOLDER],
        ["odd", NO_FOLDER],
    ])("may not be %j", (name, rule) => {
        const path = `${folder}/${name}`;
        expect(sourceProblems("cilium.chart", { path })).toEqual([
            {
                path: "cilium.chart.path",
                value: JSON.stringify(path),
                rule,
                fix: "put the chart there, or name a repository",
            },
        ]);
    });
});
