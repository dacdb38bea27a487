/*
 * What Helm made of a chart, read as far as the tests look. A cluster may find more in an object than is read here.
 */
import { parseAllDocuments } from "yaml";
import { z } from "zod";

/** To Kubernetes an empty entry, which YAML reads as null, is an absent one. */
const texts = z
    .record(z.string(), z.string())
    .nullish()
    .transform((value) => value ?? {});
function listOf<Item extends z.ZodType>(item: Item) {
    return z
        .array(item)
        .nullish()
        .transform((value) => value ?? []);
}
const metadata = z.looseObject({ name: z.string(), annotations: texts });

const anyObject = z.looseObject({ apiVersion: z.string(), kind: z.string(), metadata });
export type KubernetesObject = z.infer<typeof anyObject>;

const toleration = z.looseObject({ key: z.string().optional(), operator: z.string().optional() });
const item = z.looseObject({ key: z.string(), path: z.string() });
const source = { optional: z.boolean().default(false), items: z.array(item).optional() } as const;
const namedSource = z.looseObject({ ...source, name: z.string() });
const volume = z.looseObject({
    name: z.string(),
    secret: z.looseObject({ ...source, secretName: z.string() }).optional(),
    configMap: namedSource.optional(),
    projected: z
        .looseObject({
            sources: z.array(
                z.looseObject({ secret: namedSource.optional(), configMap: namedSource.optional() }),
            ),
        })
        .optional(),
});
const container = z.looseObject({
    name: z.string(),
    args: listOf(z.string()),
    env: listOf(z.looseObject({ name: z.string(), value: z.string().optional() })),
    volumeMounts: listOf(z.looseObject({ name: z.string(), mountPath: z.string() })),
});
const podSpec = z.looseObject({
    containers: listOf(container),
    initContainers: listOf(container),
    volumes: listOf(volume),
    tolerations: listOf(toleration),
    hostAliases: listOf(z.looseObject({ ip: z.string(), hostnames: z.array(z.string()) })),
    topologySpreadConstraints: listOf(z.looseObject({ topologyKey: z.string() })),
});
const workload = z.looseObject({
    kind: z.string(),
    metadata,
    spec: z.looseObject({
        replicas: z.number().optional(),
        template: z.looseObject({
            metadata: z.looseObject({ annotations: texts }),
            spec: podSpec,
        }),
    }),
});
const configMap = z.looseObject({ data: texts });
const secret = z.looseObject({ type: z.string().optional(), data: texts, stringData: texts });
const service = z.looseObject({
    metadata,
    spec: z.looseObject({
        type: z.string().optional(),
        ports: z.array(z.looseObject({ port: z.number(), nodePort: z.number().optional() })),
        loadBalancerClass: z.string().optional(),
        loadBalancerSourceRanges: z.array(z.string()).optional(),
        externalTrafficPolicy: z.string().optional(),
    }),
});

export type Workload = z.infer<typeof workload>;
export type PodSpec = z.infer<typeof podSpec>;
export type Service = z.infer<typeof service>;

/** The objects that a chart became. */
export class Manifest {
    readonly text: string;
    readonly objects: readonly KubernetesObject[];

    constructor(text: string) {
        this.text = text;
        this.objects = parseAllDocuments(text, { version: "1.1" }).flatMap((document) => {
            if (document.errors[0] !== undefined) throw document.errors[0];
            const value: unknown = document.toJS();
            return value === null ? [] : [anyObject.parse(value)];
        });
    }

    /** All objects of a kind. */
    all(kind: string): KubernetesObject[] {
        return this.objects.filter((one) => one.kind === kind);
    }

    /** The names of all objects of a kind. */
    names(kind: string): string[] {
        return this.all(kind).map(({ metadata: { name } }) => name);
    }

    /** All that runs pods, whether it stays or ends. */
    workloads(...kinds: string[]): Workload[] {
        const wanted = kinds.length > 0 ? kinds : ["DaemonSet", "Deployment", "StatefulSet", "Job"];
        return wanted.flatMap((kind) => this.all(kind)).map((one) => workload.parse(one));
    }

    workload(kind: "DaemonSet" | "Deployment", name: string): Workload {
        return workload.parse(this.one(kind, name));
    }

    service(name: string): Service {
        return service.parse(this.one("Service", name));
    }

    configMap(name: string): Readonly<Record<string, string>> {
        return configMap.parse(this.one("ConfigMap", name)).data;
    }

    /** The entries of a Secret, decoded. */
    secret(name: string): Readonly<Record<string, string>> {
        const { data, stringData } = secret.parse(this.one("Secret", name));
        const decoded = { ...stringData };
        for (const [key, value] of Object.entries(data)) {
            decoded[key] = Buffer.from(value, "base64").toString("utf8");
        }
        return decoded;
    }

    one(kind: string, name: string): KubernetesObject {
        const [found, ...more] = this.all(kind).filter(({ metadata }) => metadata.name === name);
        if (found === undefined || more.length > 0) throw new Error(`not exactly one ${kind} ${name}`);
        return found;
    }
}
