import { PROGRAMS } from "./catalogue.ts";
import { SETS } from "./go-sets.ts";
import { packagedChart } from "./packaged-chart.ts";
import type { Say } from "./say.ts";
import { table } from "./table.ts";
import { findTools } from "./tools.ts";

/** A table of every program that the lab runs and of the charts it installs, each with its version and where it comes from. */
export async function showPrograms(say: Say): Promise<string> {
    const tools = await findTools(say);
    const rows = PROGRAMS.map((program) => {
        const { version = "", from = absence(program), path = "" } = tools[program.name] ?? {};
        return [program.name, version, from, path];
    });
    for (const name of ["cilium", "metallb"] as const) {
        const { version } = SETS[name];
        rows.push([`chart ${name}`, version, "", await packagedChart(name, version, say)]);
    }
    return table([["name", "version", "from", "path"], ...rows]);
}

/** Only what may be absent is. */
function absence({ name }: { readonly name: string }): string {
    return name.startsWith("pulumi-resource-") ? "the lab's stand-in" : "not installed";
}
