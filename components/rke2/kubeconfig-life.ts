import { X509Certificate } from "node:crypto";

import { parseDocument } from "yaml";
import { z } from "zod";

import { dayOf } from "../../model/support/ca-certificate.ts";

/** RKE2 makes a new certificate when it starts within this time of the old one's end. */
const RENEWED_WITHIN_DAYS = 120;

/** Time enough to ask somebody. */
const BROUGHT_AGAIN_WITHIN_DAYS = 30;

const DAY_MS = 86_400_000;

const shape = z.object({
    users: z.array(z.object({ user: z.object({ "client-certificate-data": z.base64() }) })).min(1),
});

/**
 * What to do about a kubeconfig that will soon be of no use; nothing where it lives on, or has no certificate.
 * @param now milliseconds since 1970
 */
export function kubeconfigWarning(clusterName: string, kubeconfig: string, now: number): string | undefined {
    const ends = endsSoon(kubeconfig, now, RENEWED_WITHIN_DAYS);
    return ends === undefined
        ? undefined
        : `the kubeconfig of ${clusterName} ${ends}: raise clusters.${clusterName}.rke2.certificateGeneration by one, and run up`;
}

/** The same of a cluster that was there already, whose kubeconfig is made by somebody else. */
export function existingKubeconfigWarning(
    clusterName: string,
    kubeconfig: string,
    now: number,
): string | undefined {
    const ends = endsSoon(kubeconfig, now, BROUGHT_AGAIN_WITHIN_DAYS);
    return ends === undefined
        ? undefined
        : `the kubeconfig of ${clusterName} ${ends}: have another one made, put it where clusters.${clusterName}.kubernetes.kubeconfig says, and run up`;
}

function endsSoon(kubeconfig: string, now: number, days: number): string | undefined {
    const end = endOf(kubeconfig);
    if (end === undefined || end - now > days * DAY_MS) return undefined;
    return `${end < now ? "has ended" : "ends"} on ${dayOf(end)}`;
}

/** When its certificate ends, in milliseconds since 1970. */
function endOf(kubeconfig: string): number | undefined {
    const document = parseDocument(kubeconfig);
    if (document.errors.length > 0) return undefined;
    const [first] = shape.safeParse(document.toJS()).data?.users ?? [];
    if (first === undefined) return undefined;
    const pem = Buffer.from(first.user["client-certificate-data"], "base64");
    return Date.parse(new X509Certificate(pem).validTo);
}
