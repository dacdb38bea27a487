import * as pulumi from "@pulumi/pulumi";

import { existingKubeconfigWarning, kubeconfigWarning } from "../components/rke2/kubeconfig-life.ts";
import { caWarning, leafWarning } from "../components/tls/certificate-life.ts";
import type { ClusterCertificates } from "../components/tls/cluster-certificates.ts";
import type { SharedCa } from "../components/tls/shared-ca.ts";
import type { Problem } from "../model/problem.ts";
import type { Certificates, Cluster } from "../model/resolved.ts";
import { dayOf, endOf, readChain, subjectOf } from "../model/support/ca-certificate.ts";
import { broughtIn } from "../model/trust.ts";

const HOUR_MS = 3_600_000;

/** Warns of a CA that will soon be too old to sign; in a preview, too, where it is in the state. */
export function warnBeforeCaEnds(ca: SharedCa, { method, nextCa, leafValidityHours }: Certificates): void {
    // With a rotation under way the next one is there already.
    if (nextCa !== undefined) return;
    warnOnce(ca.end, ca, (end) => caWarning(end, leafValidityHours, Date.now(), method === "certgen"));
}

/** Warns of certificates that end soon although an `up` is looking at them. What a preview is about to renew is unknown there. */
export function warnBeforeLeavesEnd(
    clusterName: string,
    certificates: ClusterCertificates,
    earlyRenewalHours: number,
): void {
    for (const [leaf, end] of certificates.ends) {
        warnOnce(end, certificates, (text) =>
            leafWarning(clusterName, leaf, { end: text, earlyRenewalHours, now: Date.now() }),
        );
    }
}

/** Warns of a kubeconfig that will soon be of no use; in a preview, too, where it is in the state. */
export function warnBeforeKubeconfigEnds(
    { name, kubernetes }: Pick<Cluster, "name" | "kubernetes">,
    kubeconfig: pulumi.Output<string>,
    cluster: pulumi.Resource,
): void {
    const warningOf = kubernetes === undefined ? kubeconfigWarning : existingKubeconfigWarning;
    warnOnce(kubeconfig, cluster, (text) => warningOf(name, text, Date.now()));
}

/** Warns once a value is known, if there is something to warn of. */
function warnOnce(
    value: pulumi.Output<string> | undefined,
    resource: pulumi.Resource,
    warningOf: (text: string) => string | undefined,
): void {
    value?.apply(async (text) => {
        const warning = warningOf(text);
        if (warning !== undefined) await pulumi.log.warn(warning, resource);
    });
}

/**
 * Why a CA that is brought cannot sign for long enough; nothing if it can.
 * @param now milliseconds since 1970
 */
export function broughtCaProblems(certificates: Certificates, now: number): Problem[] {
    const { method, leafValidityHours, nextCa } = certificates;
    return broughtIn(certificates).flatMap(({ path, brought }) => {
        const chain = readChain(brought.certificate) ?? [];
        const end = endOf(chain);
        const last = chain.find(({ validTo }) => Date.parse(validTo) === end);
        const isGoing = nextCa === "signing" && path === "certificates.ca";
        if (end - now >= (isGoing ? 0 : leafValidityHours * HOUR_MS)) return [];
        return [
            {
                path: `${path}.certificate`,
                value: last === undefined ? "" : subjectOf(last),
                rule:
                    end < now
                        ? `has ended on ${dayOf(end)}`
                        : `ends on ${dayOf(end)}, before a certificate that is signed today for ${leafValidityHours} hours`,
                fix: `bring one that lives longer, or shorten leafValidityHours; ${method === "certgen" ? "clusters that trust this one cannot get another with certgen: describe a new mesh" : "clusters that trust this one need a rotation: see nextCa"}`,
            },
        ];
    });
}
