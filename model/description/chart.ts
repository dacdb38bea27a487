import { z } from "zod";

import { strict, withoutUser } from "./strict.ts";

/** Where a Helm chart comes from. */
export const chart = z.union([
    strict({
        /** A chart repository's address, without user and password. */
        repository: withoutUser(
            z.url({
                protocol: /^https?$/,
                error: 'must be an address such as "https://helm.cilium.io/"',
            }),
        ),
    }),
    strict({
        /** A chart in an OCI registry, without its version: `oci://quay.io/cilium/charts/cilium`. */
        oci: withoutUser(
            z.string().regex(/^oci:\/\/[^\s:]+(:\d+)?(\/[^\s:]+)+$/, {
                error: 'must be an OCI address without a version, such as "oci://quay.io/cilium/charts/cilium"',
            }),
        ),
    }),
    strict({
        /** A chart's folder, or its archive (`.tgz`), on the machine that runs Pulumi. The change of a chart whose version stays the same is not noticed. */
        path: z.string().min(1),
    }),
]);

export type ChartSource = z.infer<typeof chart>;
