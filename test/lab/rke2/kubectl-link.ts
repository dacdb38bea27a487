import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";

import type { Tools } from "./lab-host.ts";
import { PATHS } from "./paths.ts";

/** RKE2 brings its own kubectl, to servers and agents. */
export function linkKubectl(tools: Tools): void {
    mkdirSync(PATHS.bin, { recursive: true });
    const link = join(PATHS.bin, "kubectl");
    rmSync(link, { force: true });
    symlinkSync(tools.kubectl, link);
}
