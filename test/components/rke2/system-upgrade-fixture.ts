import type * as pulumi from "@pulumi/pulumi";

import type { SystemUpgradeArgs } from "../../../components/rke2/system-upgrade-args.ts";
import { SystemUpgrade } from "../../../components/rke2/system-upgrade.ts";

/** Three servers and three agents, upgraded two at a time, and what a test wants otherwise. */
export function systemUpgrade(
    args: Partial<SystemUpgradeArgs> = {},
    opts?: pulumi.ComponentResourceOptions,
): SystemUpgrade {
    return new SystemUpgrade(
        "east",
        {
            version: "v1.35.4+rke2r1",
            install: { method: "tar" },
            servers: ["east-1", "east-2", "east-3"],
            agents: ["east-4", "east-5", "east-6"],
            evict: "cordon",
            drainSeconds: 120,
            agentsAtOnce: 2,
            gatekeeper: { ssh: { host: "192.168.10.11" } },
            ...args,
        },
        opts,
    );
}
