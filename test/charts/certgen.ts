import { parse } from "yaml";
import { z } from "zod";

import type { Manifest } from "./manifest.ts";

const jobSpec = z.looseObject({
    template: z.looseObject({
        spec: z.looseObject({
            hostNetwork: z.boolean(),
            serviceAccountName: z.string(),
            containers: z.tuple([
                z.looseObject({
                    command: z.array(z.string()),
                    args: z.array(z.string()),
                    env: z.tuple([
                        z.looseObject({ name: z.literal("CILIUM_CERTGEN_CONFIG"), value: z.string() }),
                    ]),
                }),
            ]),
        }),
    }),
});
const certificates = z.strictObject({
    certs: z.array(
        z.strictObject({
            name: z.string(),
            namespace: z.literal("kube-system"),
            commonName: z.string(),
            hosts: z.array(z.string()).default([]),
            usage: z.array(z.string()),
            validity: z.string(),
        }),
    ),
});
const cronJob = z.looseObject({
    spec: z.looseObject({ schedule: z.string(), jobTemplate: z.looseObject({ spec: jobSpec }) }),
});

/** Something that runs certgen. */
export interface Certgen {
    /** Without the hash that newer charts add. */
    readonly name: string;
    readonly args: readonly string[];
    readonly serviceAccount: string;
    readonly certificates: z.infer<typeof certificates>["certs"];
}

/** What makes certificates when the chart is installed or changes. */
export function certgenJobs(manifest: Manifest): Certgen[] {
    return manifest
        .all("Job")
        .map(({ metadata: { name }, ...job }) =>
            runOf(name, z.looseObject({ spec: jobSpec }).parse(job).spec),
        );
}

/** What makes them again, and when. */
export function certgenCronJobs(manifest: Manifest): (Certgen & { readonly schedule: string })[] {
    return manifest.all("CronJob").map((object) => {
        const { schedule, jobTemplate } = cronJob.parse(object).spec;
        return { ...runOf(object.metadata.name, jobTemplate.spec), schedule };
    });
}

function runOf(name: string, { template: { spec } }: z.infer<typeof jobSpec>): Certgen {
    const [{ args, env }] = spec.containers;
    return {
        name: name.replace(/-[0-9a-f]{10}$/, ""),
        args,
        serviceAccount: spec.serviceAccountName,
        certificates: certificates.parse(parse(env[0].value)).certs,
    };
}
