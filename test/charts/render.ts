import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";

import { inject } from "vitest";
import { z } from "zod";

import type { RecordedResource } from "../../plan/record.ts";
import { Manifest } from "./manifest.ts";

/** What the program tells the provider of a chart. */
const release = z.object({
    name: z.string(),
    chart: z.string(),
    version: z.string(),
    namespace: z.string(),
    values: z.record(z.string(), z.json()),
});

export type Values = z.infer<typeof release>["values"];

/** As the program registers it, or would. */
export type Registered = Pick<RecordedResource, "inputs">;

export interface Rendering {
    readonly manifest: Manifest;
    /** What the program wrote into the release. */
    readonly values: Values;
    /** The chart's folder or archive. */
    readonly chart: string;
    /** What Helm said besides. It warns of a value of the wrong shape, and goes on without it. */
    readonly warnings: string;
}

/** What renders: a Helm, and the charts as folders or archives. */
export interface Renderer {
    readonly helm: string;
    readonly chart: (name: string, version: string) => string | Promise<string>;
}

/** What Helm makes of a release that the program registered, in a cluster of this RKE2. */
export function render(resource: Registered, rke2: string): Promise<Rendering> {
    const charts = inject("charts");
    return renderWith(
        {
            helm: inject("helm"),
            chart: (name, version) => {
                const folder = charts[`${name} ${version}`];
                if (folder === undefined) throw new Error(`no chart ${name} ${version}`);
                return folder;
            },
        },
        resource,
        rke2,
    );
}

/** The same with a Helm and charts that the caller has found. */
export async function renderWith(
    { helm, chart }: Renderer,
    { inputs }: Registered,
    rke2: string,
): Promise<Rendering> {
    const { name, chart: chartName, version, namespace, values } = release.parse(inputs);
    const folder = await chart(chartName, version);
    const args = ["template", name, folder, "--namespace", namespace];
    const { status, stdout, stderr } = await run(
        helm,
        // Without it Helm takes a Kubernetes that the charts refuse.
        [...args, "--kube-version", rke2, "--include-crds", "--values", "-"],
        JSON.stringify(values),
    );
    if (status !== 0) throw new Error(`helm failed: ${stderr}`);
    return { manifest: new Manifest(stdout), values, chart: folder, warnings: stderr };
}

async function run(helm: string, args: readonly string[], input: string) {
    // A rendering is over before collecting garbage pays: it would take almost half of the time.
    const child = spawn(helm, args, { stdio: "pipe", env: { ...process.env, GOGC: "off" } });
    const ended = new Promise<number | null>((resolve, reject) => {
        child.on("error", reject);
        child.on("close", resolve);
    });
    child.stdin.end(input);
    const [status, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { status, stdout, stderr };
}
