/* `node test/lab/binaries/main.ts`: finds, downloads or builds every program the lab runs, and shows where each is. */
import { PROGRAMS } from "./catalogue.ts";
import { SETS } from "./go-sets.ts";
import { packagedChart } from "./packaged-chart.ts";
import { duration, type Say } from "./say.ts";
import { table } from "./table.ts";
import { findTools } from "./tools.ts";

async function main(say: Say): Promise<string> {
    const tools = await findTools(say);
    const charts = [
        ["cilium", SETS.cilium.version],
        ["metallb", SETS.metallb.version],
    ] as const;
    const rows = PROGRAMS.map(({ name }) => {
        const { version = "", from = "not installed", path = "" } = tools[name] ?? {};
        return [name, version, from, path];
    });
    for (const [name, version] of charts) {
        rows.push([`chart ${name}`, version, "", await packagedChart(name, version, say)]);
    }
    return table([["name", "version", "from", "path"], ...rows]);
}

const start = Date.now();
try {
    console.log(
        await main((line) => {
            console.error(`[${duration(Date.now() - start)}] ${line}`);
        }),
    );
} catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
}
