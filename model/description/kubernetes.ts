import { z } from "zod";

import { port } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { strict, text } from "./strict.ts";

/**
 * A Kubernetes that is there already. It must have neither a network plugin nor kube-proxy: both places are Cilium's. Its
 * machines, its control plane and its upgrades are somebody else's business.
 */
export const kubernetes = strict({
    /** Its administrator's kubeconfig. It must lead to this same cluster for ever, and what it names must be there where Pulumi runs, `kubectl` too. */
    kubeconfig: z.union([
        secretRef,
        strict({
            /** A file on the machine that runs Pulumi; `~/` is the home directory. */
            file: z.string().min(1),
        }),
    ]),
    /** The version of Kubernetes it runs, as "1.35": up compares it with what the API says. */
    version: text(
        (value) => /^1\.\d+$/.test(value),
        "must be a minor version of Kubernetes",
        'write it as "1.35"',
    ),
    /** The port of its API at `apiAddress`. @default 6443 */
    apiPort: port.optional(),
});
