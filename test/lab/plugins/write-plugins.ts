import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { quote } from "../../../components/host/bash.ts";

const PLUGINS = ["tls", "command"] as const;

/**
 * Writes the stand-in plugins into a folder, as executables that start them with the Node given. Pulumi takes plugins that it
 * finds on PATH.
 */
export function writePlugins(folder: string, node: string): void {
    mkdirSync(folder, { recursive: true });
    for (const plugin of PLUGINS) {
        const main = fileURLToPath(new URL(`${plugin}/main.ts`, import.meta.url));
        writeFileSync(
            join(folder, `pulumi-resource-${plugin}`),
            `#!/bin/sh\n# The lab's stand-in for the official plugin of this name.\nexec ${quote(node)} ${quote(main)} "$@"\n`,
            { mode: 0o755 },
        );
    }
}
