import { fieldValue, resourceValue, type PodPlace } from "../pod/fields.ts";
import type { ReadConfig } from "../container/environment.ts";
import type { DownwardItems, ObjectItems, PodObject, VolumeSource, VolumeSpec } from "../pod/pod-object.ts";
import type { ConfigKind } from "./config-object.ts";

/** A file of a volume. */
export interface PayloadFile {
    readonly content: Buffer;
    readonly mode: number;
    /** Whose file it is, if it is not root's. */
    readonly owner?: number;
}

/** The files of a volume by their paths in it. */
export type Payload = ReadonlyMap<string, PayloadFile>;

/** What the files of a pod's volumes are made of. */
export interface PayloadSources {
    readonly pod: PodObject;
    readonly place: PodPlace;
    readonly read: ReadConfig;
    readonly token: (audience: string, expirationSeconds: number) => Promise<string>;
}

/** Why a volume cannot be set up, or not yet. */
export class VolumeError extends Error {}

/** The files of a volume, or `undefined` for a volume that is not made of files which the API server knows. */
export async function payload(volume: VolumeSpec, sources: PayloadSources): Promise<Payload | undefined> {
    const list = sourcesOf(volume);
    if (list === undefined) return undefined;
    const files = new Map<string, PayloadFile>();
    for (const source of list.sources) {
        for (const [path, file] of await sourceFiles(source, list.mode, sources)) {
            if (path.startsWith("/") || path.split("/").includes(".."))
                throw new VolumeError(`${path} leaves its volume`);
            files.set(path, file);
        }
    }
    return files;
}

/** Every kind of such a volume is a projected one with less in it. */
function sourcesOf({ secret, configMap, downwardAPI, projected }: VolumeSpec) {
    const one = (mode: number, source: VolumeSource) => ({ mode, sources: [source] });
    if (secret !== undefined)
        return one(secret.defaultMode, { secret: { ...secret, name: secret.secretName } });
    if (configMap !== undefined) return one(configMap.defaultMode, { configMap });
    if (downwardAPI !== undefined) return one(downwardAPI.defaultMode, { downwardAPI });
    if (projected !== undefined) return { mode: projected.defaultMode, sources: projected.sources };
    return undefined;
}

async function sourceFiles(source: VolumeSource, mode: number, sources: PayloadSources): Promise<Payload> {
    const { secret, configMap, downwardAPI, serviceAccountToken } = source;
    if (secret !== undefined) return objectFiles("secret", secret, mode, sources.read);
    if (configMap !== undefined) return objectFiles("configmap", configMap, mode, sources.read);
    if (downwardAPI !== undefined) return downwardFiles(downwardAPI.items, mode, sources);
    if (serviceAccountToken === undefined)
        throw new VolumeError("it is made of what the simulated kubelet does not know");
    const { path, audience = "", expirationSeconds } = serviceAccountToken;
    const content = Buffer.from(await sources.token(audience, expirationSeconds));
    return new Map([[path, { content, ...tokenAccess(sources.pod, mode) }]]);
}

/** A token is for the user of the containers only, where they all have the same and share no group. */
function tokenAccess({ spec }: PodObject, mode: number): Pick<PayloadFile, "mode" | "owner"> {
    if (spec.securityContext.fsGroup !== undefined) return { mode: 0o600 };
    const [owner, ...others] = new Set(
        [...spec.initContainers, ...spec.containers].map(
            ({ securityContext }) => securityContext.runAsUser ?? spec.securityContext.runAsUser,
        ),
    );
    return owner === undefined || others.length > 0 ? { mode } : { mode: 0o600, owner };
}

async function objectFiles(
    kind: ConfigKind,
    { name, items, optional }: { name: string; items?: ObjectItems | undefined; optional: boolean },
    mode: number,
    read: ReadConfig,
): Promise<Payload> {
    const data = await read(kind, name);
    if (data === undefined) {
        if (optional) return new Map();
        throw new VolumeError(`${kind} "${name}" not found`);
    }
    if (items === undefined) return new Map([...data].map(([key, content]) => [key, { content, mode }]));
    const files = new Map<string, PayloadFile>();
    for (const item of items) {
        const content = data.get(item.key);
        if (content !== undefined) files.set(item.path, { content, mode: item.mode ?? mode });
        else if (!optional)
            throw new VolumeError(`${kind} "${name}" references non-existent key: ${item.key}`);
    }
    return files;
}

function downwardFiles(items: DownwardItems, mode: number, { pod, place }: PayloadSources): Payload {
    const value = ({ fieldRef, resourceFieldRef }: DownwardItems[number]) => {
        if (fieldRef !== undefined) return fieldValue(fieldRef, pod, place);
        const container = pod.spec.containers.find(({ name }) => name === resourceFieldRef?.containerName);
        if (resourceFieldRef === undefined || container === undefined) {
            throw new VolumeError("a file is to tell what the simulated kubelet does not know");
        }
        return resourceValue(resourceFieldRef, container);
    };
    return new Map(
        items.map((item) => [item.path, { content: Buffer.from(value(item)), mode: item.mode ?? mode }]),
    );
}
