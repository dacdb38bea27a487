import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { crdsOfCilium } from "../../../charts/charts.ts";

const crd = z.object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
        group: z.string(),
        scope: z.string(),
        versions: z.array(z.looseObject({ name: z.string(), served: z.boolean(), storage: z.boolean() })),
    }),
});

/** A kind of object that a cluster is told of. */
export type Crd = z.infer<typeof crd>;

/** The CRDs of Cilium in a list of kubectl's. */
export function ciliumCrdsIn(list: string): Crd[] {
    return z
        .object({ items: z.array(crd) })
        .parse(JSON.parse(list))
        .items.filter(({ spec }) => spec.group === "cilium.io");
}

/** The CRDs in the source of Cilium, with the text of each. */
export function ciliumCrdsInSource(version: string): { readonly crd: Crd; readonly text: string }[] {
    const folder = crdsOfCilium(version);
    return readdirSync(folder, { recursive: true, encoding: "utf8" })
        .filter((file) => file.endsWith(".yaml"))
        .map((file) => readFileSync(join(folder, file), "utf8"))
        .map((text) => ({ crd: crd.parse(parse(text)), text }));
}
