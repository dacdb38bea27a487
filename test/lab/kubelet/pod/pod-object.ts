import { z } from "zod";

const ITEMS = z.array(z.object({ key: z.string(), path: z.string(), mode: z.number().optional() }));
const MODE = z.number().default(0o644);
const FIELD_REF = z.object({ fieldPath: z.string() });
const RESOURCE_REF = z.object({ resource: z.string(), containerName: z.string().optional() });
const DOWNWARD_ITEMS = z.array(
    z.object({
        path: z.string(),
        mode: z.number().optional(),
        fieldRef: FIELD_REF.optional(),
        resourceFieldRef: RESOURCE_REF.optional(),
    }),
);
const PROJECTED_OBJECT = z.object({
    name: z.string().default(""),
    items: ITEMS.optional(),
    optional: z.boolean().default(false),
});
const SOURCE = z.object({
    secret: PROJECTED_OBJECT.optional(),
    configMap: PROJECTED_OBJECT.optional(),
    downwardAPI: z.object({ items: DOWNWARD_ITEMS.default([]) }).optional(),
    serviceAccountToken: z
        .object({
            audience: z.string().optional(),
            expirationSeconds: z.number().default(3600),
            path: z.string(),
        })
        .optional(),
});

/** One volume of a pod. Kinds that are not named here are not carried out. */
export const VOLUME = z.object({
    name: z.string(),
    secret: z
        .object({
            secretName: z.string().default(""),
            items: ITEMS.optional(),
            defaultMode: MODE,
            optional: z.boolean().default(false),
        })
        .optional(),
    configMap: PROJECTED_OBJECT.extend({ defaultMode: MODE }).optional(),
    projected: z.object({ sources: z.array(SOURCE).default([]), defaultMode: MODE }).optional(),
    downwardAPI: z.object({ items: DOWNWARD_ITEMS.default([]), defaultMode: MODE }).optional(),
    emptyDir: z.object({}).optional(),
    hostPath: z.object({ path: z.string(), type: z.string().default("") }).optional(),
});

const KEY_REF = z.object({
    name: z.string().default(""),
    key: z.string(),
    optional: z.boolean().default(false),
});
const ENV = z.object({
    name: z.string(),
    value: z.string().default(""),
    valueFrom: z
        .object({
            fieldRef: FIELD_REF.optional(),
            resourceFieldRef: RESOURCE_REF.optional(),
            configMapKeyRef: KEY_REF.optional(),
            secretKeyRef: KEY_REF.optional(),
        })
        .optional(),
});
const ALL_KEYS = z.object({ name: z.string().default(""), optional: z.boolean().default(false) });
const ENV_FROM = z.object({
    prefix: z.string().default(""),
    configMapRef: ALL_KEYS.optional(),
    secretRef: ALL_KEYS.optional(),
});

const PORT = z.union([z.number(), z.string()]);

/** How a container is asked whether it is well. */
export const PROBE = z.object({
    httpGet: z
        .object({
            host: z.string().optional(),
            path: z.string().default("/"),
            port: PORT,
            scheme: z.string().default("HTTP"),
            httpHeaders: z.array(z.object({ name: z.string(), value: z.string() })).default([]),
        })
        .optional(),
    tcpSocket: z.object({ host: z.string().optional(), port: PORT }).optional(),
    grpc: z.object({ port: z.number() }).optional(),
    exec: z.object({ command: z.array(z.string()).default([]) }).optional(),
    initialDelaySeconds: z.number().default(0),
    timeoutSeconds: z.number().default(1),
    periodSeconds: z.number().default(10),
    successThreshold: z.number().default(1),
    failureThreshold: z.number().default(3),
});

/** What is read of a container. */
export const CONTAINER = z.object({
    name: z.string(),
    image: z.string().default(""),
    command: z.array(z.string()).default([]),
    args: z.array(z.string()).default([]),
    workingDir: z.string().default(""),
    env: z.array(ENV).default([]),
    envFrom: z.array(ENV_FROM).default([]),
    ports: z.array(z.object({ name: z.string().default(""), containerPort: z.number() })).default([]),
    volumeMounts: z
        .array(
            z.object({
                name: z.string(),
                mountPath: z.string(),
                subPath: z.string().default(""),
                readOnly: z.boolean().default(false),
            }),
        )
        .default([]),
    resources: z
        .object({
            limits: z.record(z.string(), z.string()).default({}),
            requests: z.record(z.string(), z.string()).default({}),
        })
        .default({ limits: {}, requests: {} }),
    startupProbe: PROBE.optional(),
    livenessProbe: PROBE.optional(),
    readinessProbe: PROBE.optional(),
    terminationMessagePolicy: z.string().default("File"),
    securityContext: z
        .object({
            runAsUser: z.number().optional(),
            runAsGroup: z.number().optional(),
            readOnlyRootFilesystem: z.boolean().default(false),
        })
        .default({ readOnlyRootFilesystem: false }),
});

const CONTAINER_STATUS = z.object({
    name: z.string(),
    restartCount: z.number().default(0),
    containerID: z.string().default(""),
});

/** What is read of a pod. */
export const POD = z.object({
    metadata: z.object({
        uid: z.string(),
        name: z.string(),
        namespace: z.string(),
        labels: z.record(z.string(), z.string()).default({}),
        annotations: z.record(z.string(), z.string()).default({}),
        deletionTimestamp: z.string().optional(),
        deletionGracePeriodSeconds: z.number().optional(),
        ownerReferences: z.array(z.object({ kind: z.string(), name: z.string() })).default([]),
    }),
    spec: z.object({
        nodeName: z.string().default(""),
        serviceAccountName: z.string().default("default"),
        hostNetwork: z.boolean().default(false),
        restartPolicy: z.string().default("Always"),
        terminationGracePeriodSeconds: z.number().default(30),
        hostname: z.string().default(""),
        hostAliases: z
            .array(z.object({ ip: z.string(), hostnames: z.array(z.string()).default([]) }))
            .default([]),
        securityContext: z
            .object({
                runAsUser: z.number().optional(),
                runAsGroup: z.number().optional(),
                fsGroup: z.number().optional(),
                supplementalGroups: z.array(z.number()).default([]),
            })
            .default({ supplementalGroups: [] }),
        initContainers: z.array(CONTAINER).default([]),
        containers: z.array(CONTAINER),
        volumes: z.array(VOLUME).default([]),
    }),
    status: z
        .object({
            phase: z.string().default("Pending"),
            startTime: z.string().optional(),
            conditions: z
                .array(
                    z.object({
                        type: z.string(),
                        status: z.string(),
                        lastTransitionTime: z.string().optional(),
                    }),
                )
                .default([]),
            initContainerStatuses: z.array(CONTAINER_STATUS).default([]),
            containerStatuses: z.array(CONTAINER_STATUS).default([]),
        })
        .default({ phase: "Pending", conditions: [], initContainerStatuses: [], containerStatuses: [] }),
});

export type PodObject = z.infer<typeof POD>;
export type ContainerSpec = z.infer<typeof CONTAINER>;
export type VolumeSpec = z.infer<typeof VOLUME>;
export type VolumeSource = z.infer<typeof SOURCE>;
export type ObjectItems = z.infer<typeof ITEMS>;
export type DownwardItems = z.infer<typeof DOWNWARD_ITEMS>;
export type ProbeSpec = z.infer<typeof PROBE>;
export type FieldRef = z.infer<typeof FIELD_REF>;
export type ResourceRef = z.infer<typeof RESOURCE_REF>;

/** A pod's name for a message. */
export function podTitle({ metadata: { namespace, name } }: PodObject): string {
    return `${namespace}/${name}`;
}
