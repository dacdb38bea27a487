import { fstatSync } from "node:fs";

import { main } from "@pulumi/pulumi/provider/index.js";

import type { StandInProvider } from "./provider.ts";

const STDIN = 0;

/**
 * Serves a provider to the engine that started this process, and ends with that engine: it holds the other end of standard
 * input. A command that runs then is waited for, as nobody else will see how it ended.
 */
export async function serve(provider: StandInProvider): Promise<void> {
    if (fstatSync(STDIN).isFIFO()) {
        process.stdin.resume().on("end", () => {
            void provider.finish().then(() => process.exit(0));
        });
    }
    await main(provider, process.argv.slice(2));
}
