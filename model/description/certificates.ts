import { z } from "zod";

import { readChain } from "../support/ca-certificate.ts";
import { secretRef } from "./secret.ts";
import { strict } from "./strict.ts";

const hours = z.int().min(1);

/** A CA's certificate and those above it. Whatever else stands there is never repeated in a message: it may be the key. */
const chain = z.string().refine((value) => readChain(value) !== undefined, {
    error: "must be one certificate or more in PEM form, and nothing else",
    params: {
        secret: true,
        fix: "paste the CA's certificate, or read its file here; its key has a place of its own",
    },
});

/** A CA that is there already. */
export const broughtCa = z.union([
    strict({
        /**
         * Its certificate in PEM form, then those above it, each of which has signed the one before. The last one is what
         * everyone trusts, and whoever has a certificate below that can pass for a cluster: leave out the root of an
         * organisation, and only what this CA signs is trusted.
         */
        certificate: chain,
        /** Its key in PEM form, without a passphrase, from the stack's configuration. It enters no cluster, unless `method` is "certgen". */
        privateKey: secretRef,
    }),
    strict({
        /** As above. */
        certificate: chain,
        /** A file with its key on the machine that runs Pulumi; `~/` is the home directory. */
        privateKeyFile: z.string().min(1),
    }),
]);

const elsewhere = {
    certgen: 'write method: "certgen"',
    certManager:
        'cert-manager does not make the certificates: this program does, or with method: "certgen" Cilium\'s own certgen in each cluster',
};

/**
 * The CA of the mesh, and how long certificates live. A renewal is an ordinary `pulumi up` within the last hours named here, or
 * with `method: "certgen"` the clusters' own affair; another CA is a rotation, in steps.
 */
export const certificates = strict(
    {
        /**
         * Who makes what the CA signs. `pulumi`: this program, whenever `up` runs; the CA's key enters no cluster. `certgen`: a Job
         * of Cilium's chart in each cluster, again whenever what it makes changes, and once a month. No `up` is needed then for
         * renewals, and none warns of one that did not come: look at the Jobs, whose image every cluster must reach. The CA's key
         * lies in every cluster, in the Secret `cilium-ca` of `kube-system`: whoever reads the Secrets of one cluster can pass for
         * any other. A rotation of the CA, `cilium.hubble.metricsTls` and the Cilium that RKE2 brings are refused with it. Fixed
         * for clusters that run. The Secrets that certgen makes stay in a cluster that outlives the mesh.
         * @see https://docs.cilium.io/en/stable/network/clustermesh/clustermesh/
         * @default "pulumi"
         */
        method: z.enum(["pulumi", "certgen"]).optional(),
        /** Life of a CA that is made from now on; one that is there keeps its own. @default 87600 - ten years */
        caValidityHours: hours.optional(),
        /** Life of what the CA signs; it must end before the CA. Certgen counts in days, and leaves a part of one out. @default 8760 - one year */
        leafValidityHours: hours.optional(),
        /**
         * How long before its end a certificate is renewed; never the CA, whose renewal is a rotation. With certgen at the latest:
         * it renews once a month, so `leafValidityHours` must be 744 hours more. @default 2160 - ninety days
         */
        leafEarlyRenewalHours: z.int().min(0).optional(),
        /** The CA to use. @default - one is made here, and its key stays in the stack's state, unless `method` is "certgen" */
        ca: broughtCa.optional(),
        /** Which CA of the mesh this is. It grows by one when a rotation ends. @default 1 */
        caGeneration: z.int().min(1).optional(),
        /**
         * A rotation: first every cluster trusts the next CA beside this one, then the next one signs, and both are still trusted.
         * It ends when `caGeneration` is one higher and this is left out: then the old one is trusted no more. Each step is an `up`
         * that must reach every cluster before the following one. @default - no rotation is under way
         */
        nextCa: z.enum(["trusted", "signing"]).optional(),
        /** The CA to rotate to. When the rotation ends, it moves to `ca`. @default - one is made here */
        nextCaFrom: broughtCa.optional(),
    },
    elsewhere,
);

export type BroughtCaDescription = z.infer<typeof broughtCa>;
export type CertificatesDescription = z.infer<typeof certificates>;
