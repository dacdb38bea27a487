import type { TestProject } from "vitest/node";

import { chartFolder, CILIUM_VERSIONS, METALLB_VERSIONS } from "./charts.ts";
import { findHelm } from "./helm.ts";

declare module "vitest" {
    export interface ProvidedContext {
        /** The Helm that renders. */
        helm: string;
        /** The folders of the charts by name and version, as `cilium 1.19.6`. */
        charts: Record<string, string>;
    }
}

/** Once, before all tests: workers would build and download the same things at the same time. */
export default async function setup({ provide }: TestProject): Promise<void> {
    provide("helm", await findHelm());
    const charts: Record<string, string> = {};
    for (const version of CILIUM_VERSIONS) charts[`cilium ${version}`] = chartFolder("cilium", version);
    for (const version of METALLB_VERSIONS) charts[`metallb ${version}`] = chartFolder("metallb", version);
    provide("charts", charts);
}
