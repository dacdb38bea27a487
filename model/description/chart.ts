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

/** Where Cilium's chart comes from. */
export const ciliumChart = z.union([
    ...chart.options,
    strict({
        /**
         * The `rke2-cilium` that the RKE2 release brings along, which RKE2 installs itself and changes with every upgrade of
         * RKE2. Cilium's version is then the release's: write that one. A cluster cannot change between this and a chart of its
         * own. Refused with upgrades of RKE2 from inside the cluster, with the Multi-Cluster Services API before Cilium 1.19, with
         * another image of the operator, and where each server has a taint that RKE2's job does not tolerate.
         * @see https://docs.rke2.io/networking/basic_network_options
         */
        bundled: z.literal(true),
    }),
]);

export type ChartSource = z.infer<typeof chart>;
export type CiliumChart = z.infer<typeof ciliumChart>;
