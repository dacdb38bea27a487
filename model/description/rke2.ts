import { z } from "zod";

import { strict, text, withoutUser } from "./strict.ts";

const version = text(
    (value) => /^v1\.\d+\.\d+\+rke2r\d+$/.test(value),
    "must be the tag of an RKE2 release",
    'write it as "v1.35.7+rke2r1"',
);

const shape = {
    /** The release to run. */
    version,
    /** Further keys of config.yaml, on every node; keys that this program sets are refused. @default - none */
    config: z.record(z.string(), z.json()).optional(),
    /** Where the install script comes from. @default "https://get.rke2.io" */
    installUrl: withoutUser(
        z.url({ protocol: /^https$/, error: 'must be an address such as "https://get.rke2.io"' }),
    ).optional(),
} as const;

/** RKE2, for every cluster. */
export const rke2 = strict(shape);

/** What one cluster does differently. */
export const rke2Override = strict({
    ...shape,
    /** The release to run. @default - the mesh's */
    version: version.optional(),
});
