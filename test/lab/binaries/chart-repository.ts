import { parseDocument } from "yaml";
import { z } from "zod";

import type { Downloads } from "./downloads.ts";
import type { Say } from "./say.ts";

const index = z.object({
    entries: z.record(
        z.string(),
        z.array(
            z.object({
                version: z.string(),
                urls: z.array(z.string()).min(1),
                digest: z.string().optional(),
            }),
        ),
    ),
});

/** A chart's archive out of a Helm repository in this folder, once it has the sum that the repository's index names. */
export async function downloadChart(
    downloads: Downloads,
    repository: string,
    chart: { readonly name: string; readonly version: string },
    folder: string,
    say: Say,
): Promise<string | undefined> {
    const title = `chart ${chart.name} ${chart.version}`;
    const text = await downloads.text(title, `${repository}/index.yaml`, folder);
    if (text === undefined) return undefined;
    // Whatever stands between this machine and the web may answer with a page of its own.
    const read = index.safeParse(parseDocument(text).toJS());
    const entry = read.data?.entries[chart.name]?.find(({ version }) => version === chart.version);
    const [url] = entry?.urls ?? [];
    if (url === undefined || entry?.digest === undefined) {
        say(`${title}: it is not in ${repository}/index.yaml`);
        return undefined;
    }
    return await downloads.verified(
        title,
        new URL(url, `${repository}/`).href,
        entry.digest.replace(/^sha256:/, ""),
        folder,
    );
}
