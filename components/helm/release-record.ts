import { gunzipSync } from "node:zlib";

import { z } from "zod";

/** What Helm notes of one revision of a release, as far as it is read here. https://helm.sh/docs/topics/advanced/#storage-backends */
const releaseRecord = z.object({
    name: z.string(),
    version: z.number(),
    info: z.object({ status: z.string() }),
    chart: z.object({ metadata: z.object({ name: z.string(), version: z.string() }) }),
    /** The values that were given; Helm writes none as null. */
    config: z.record(z.string(), z.json()).nullish(),
});
export type ReleaseRecord = z.infer<typeof releaseRecord>;

/** The text of a record, out of the Secret that holds it: JSON, compressed, in base64, which Kubernetes puts into base64 once more. */
export function releaseText(data: string): string {
    const compressed = Buffer.from(Buffer.from(data, "base64").toString("latin1"), "base64");
    return gunzipSync(compressed).toString("utf8");
}

/** Reads a record out of the Secret that holds it. */
export function readReleaseRecord(data: string): ReleaseRecord {
    return releaseRecord.parse(JSON.parse(releaseText(data)));
}
