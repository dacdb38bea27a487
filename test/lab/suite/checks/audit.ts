import { z } from "zod";

import type { LabMesh } from "../../mesh/lab-mesh.ts";

/** One change that an API server was asked for. https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
const auditEvent = z.object({
    stage: z.string(),
    verb: z.string(),
    userAgent: z.string().default(""),
    objectRef: z
        .object({
            apiGroup: z.string().default(""),
            resource: z.string(),
            subresource: z.string().default(""),
            namespace: z.string().default(""),
            name: z.string().default(""),
        })
        .optional(),
    responseStatus: z.object({ code: z.number() }).optional(),
    /** RFC 3339 in microseconds, UTC: such texts sort as their times do. */
    stageTimestamp: z.string(),
});

/** A change that an API server has answered. */
export interface Change {
    readonly at: string;
    readonly verb: string;
    readonly code: number;
    /** The program that asked for it. */
    readonly by: string;
    readonly group: string;
    readonly resource: string;
    readonly namespace: string;
    readonly name: string;
    /** Whether the object was not there before. */
    readonly creates: boolean;
}

const LOGS = "/var/lib/rancher/rke2/server/logs/audit*.log";

/** What all API servers of a cluster were asked to change, in the order in which they answered. */
export async function readAudit(lab: LabMesh, cluster: string): Promise<Change[]> {
    const logs = await Promise.all(
        lab.cluster(cluster).servers.map(async ({ name }) => {
            const { status, stdout, stderr } = await lab.onHost(name, ["bash", "-c", `cat ${LOGS}`]);
            if (status !== 0) throw new Error(`reading the audit log of ${name}: ${stderr.trim()}`);
            return stdout.split("\n").filter((line) => line !== "");
        }),
    );
    return logs
        .flat()
        .flatMap((line) => change(auditEvent.parse(JSON.parse(line))))
        .sort((a, b) => (a.at < b.at ? -1 : 1));
}

function change(event: z.infer<typeof auditEvent>): Change[] {
    const { stage, verb, userAgent, objectRef, responseStatus, stageTimestamp } = event;
    if (stage !== "ResponseComplete" || objectRef === undefined || responseStatus === undefined) return [];
    const { apiGroup, resource, subresource, namespace, name } = objectRef;
    if (subresource !== "") return [];
    const { code } = responseStatus;
    return [
        {
            at: stageTimestamp,
            verb,
            code,
            by: userAgent,
            group: apiGroup,
            resource,
            namespace,
            name,
            // An apply creates too, and only its answer tells.
            creates: code === 201,
        },
    ];
}
