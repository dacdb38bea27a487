import { z } from "zod";

import { strict, text } from "./strict.ts";

/** An upgrade of Cilium that is under way, or a way back from one: clusters change one after the other. */
export const ciliumUpgrade = strict({
    /** The minor version that the clusters come from, as "1.18". Cilium goes on, and back, by one minor version at a time; without this it stays on the one that runs. */
    from: text(
        (value) => /^1\.\d+$/.test(value),
        "must be a minor version of Cilium, without a patch",
        'write it as "1.18"',
    ),
    /** The order in which clusters change, each of them once; one begins when the one before is healthy. @default - the order in which they are described */
    order: z.array(z.string()).min(1).optional(),
    /** Stop warning of what the step does differently: for stacks that refuse warnings, once they have been read. @default false */
    notesRead: z.boolean().optional(),
});

export type CiliumUpgradeDescription = z.infer<typeof ciliumUpgrade>;
