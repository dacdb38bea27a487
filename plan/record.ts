/*
 * Runs a Pulumi program in this process, with Pulumi's own runtime and no engine, and writes down what it registers.
 * What this does not show: whether a provider accepts the inputs, and whether a host or a cluster does what it is told.
 */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, setMocks, type Mocks } from "@pulumi/pulumi/runtime/mocks.js";
import * as settings from "@pulumi/pulumi/runtime/settings.js";

import type { JsonValue } from "../model/resolved.ts";
import { placeholders } from "./placeholders.ts";
import { unwrap, type Unwrapped } from "./unwrap.ts";

/** One resource as the program registered it. */
export interface RecordedResource {
    readonly urn: string;
    readonly type: string;
    readonly name: string;
    /** Whether a provider makes it; a component only groups. */
    readonly custom: boolean;
    readonly parent?: string;
    /** The URN of its explicit provider. */
    readonly provider?: string;
    readonly dependsOn: readonly string[];
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly deletedWith?: string;
    readonly additionalSecretOutputs: readonly string[];
    readonly ignoreChanges: readonly string[];
    /** The types that a state may know it by instead. */
    readonly aliases?: readonly string[];
    /** Whether the program does something itself right before the engine creates it. */
    readonly beforeCreate?: true;
    /** With the secret marks taken off: `secretPaths` says where they were. */
    readonly inputs: { readonly [key: string]: JsonValue };
    /** The paths into `inputs` of values that Pulumi keeps secret, as `connection` or `stringData.password`. */
    readonly secretPaths: readonly string[];
}

export interface Recording<Outputs> {
    /** In the order of registration, which is a possible order of creation. */
    readonly resources: readonly RecordedResource[];
    /** What the program returned, as it returned it. */
    readonly outputs: Outputs;
    /** The same as the stack would export it: plain data, with the secret marks taken off and remembered. */
    readonly exported: Unwrapped;
}

export interface RecordOptions {
    readonly project: string;
    readonly stack: string;
    /** Whether the program is told that it is a preview. @default true */
    readonly preview?: boolean;
    /** Called after each registration, with the number of resources so far. */
    readonly onProgress?: (count: number) => void;
    /** What resources answer. @default - a placeholder for each output: see placeholders.ts */
    readonly mocks?: Mocks;
}

const STACK_TYPE = "pulumi:pulumi:Stack";

/** What the SDK sends to register a resource, as far as it is read here. */
interface RegisterRequest {
    getType(): string;
    getName(): string;
    getCustom(): boolean;
    getParent(): string;
    getProvider(): string;
    getDependenciesList(): string[];
    getProtect(): boolean | undefined;
    getRetainondelete(): boolean | undefined;
    getDeletedwith(): string;
    getAdditionalsecretoutputsList(): string[];
    getIgnorechangesList(): string[];
    getAliasesList(): { getSpec(): { getType(): string } | undefined }[];
    getHooks(): { getBeforeCreateList(): string[] } | undefined;
    getObject(): WireObject | undefined;
}

interface WireObject {
    toJavaScript(): Record<string, unknown>;
}

type Callback = (error: unknown, response: unknown) => void;

class RecordingMonitor extends MockMonitor {
    readonly recorded: RecordedResource[] = [];
    exported: Unwrapped = unwrap({});
    readonly #seen = new Set<string>();
    readonly #onProgress: (count: number) => void;
    readonly #typeOf = new Map<string, string>();

    constructor(mocks: Mocks, onProgress: (count: number) => void) {
        super(mocks);
        this.#onProgress = onProgress;
        // The mock monitor's own URNs name only the nearest parent; the engine's name all of them.
        Reflect.set(this, "newUrn", (parent: string, type: string, name: string) =>
            this.#urn(parent, type, name),
        );
    }

    override async registerResource(request: RegisterRequest, callback: Callback): Promise<void> {
        if (request.getType() !== STACK_TYPE) {
            const resource = this.#read(request);
            if (this.#seen.has(resource.urn)) {
                callback(new Error(`two resources have the same URN: ${resource.urn}`), undefined);
                return;
            }
            this.#seen.add(resource.urn);
            this.recorded.push(resource);
            this.#onProgress(this.recorded.length);
        }
        await super.registerResource(request, callback);
    }

    override registerResourceOutputs(
        request: { getUrn(): string; getOutputs(): WireObject | undefined },
        callback: Callback,
    ): void {
        if (request.getUrn().includes(`::${STACK_TYPE}::`)) {
            this.exported = unwrap(request.getOutputs()?.toJavaScript() ?? {});
        }
        super.registerResourceOutputs(request, callback);
    }

    /** Nothing is ever created here, so no hook is ever called. */
    registerResourceHook(_request: unknown, callback: Callback): void {
        callback(null, {});
    }

    override async invoke(request: unknown, callback: Callback): Promise<void> {
        await super.invoke(request, (error: unknown, response: unknown) => {
            // The runtime shows an error's `details`, as gRPC has them, and nothing else.
            if (error instanceof Error) Reflect.set(error, "details", error.message);
            callback(error, response);
        });
    }

    #read(request: RegisterRequest): RecordedResource {
        const parent = request.getParent();
        const provider = request.getProvider().replace(/::[^:]*$/, "");
        const deletedWith = request.getDeletedwith();
        const aliases = request.getAliasesList().flatMap((alias) => alias.getSpec()?.getType() ?? []);
        const { inputs, secretPaths } = unwrap(request.getObject()?.toJavaScript() ?? {});
        return {
            urn: this.#urn(parent, request.getType(), request.getName()),
            type: request.getType(),
            name: request.getName(),
            custom: request.getCustom(),
            ...(parent === "" || this.#typeOf.get(parent) === undefined ? {} : { parent }),
            ...(provider === "" ? {} : { provider }),
            dependsOn: [...request.getDependenciesList()].sort(),
            protect: request.getProtect() ?? false,
            retainOnDelete: request.getRetainondelete() ?? false,
            ...(deletedWith === "" ? {} : { deletedWith }),
            additionalSecretOutputs: request.getAdditionalsecretoutputsList(),
            ignoreChanges: request.getIgnorechangesList(),
            ...(aliases.length === 0 ? {} : { aliases }),
            ...((request.getHooks()?.getBeforeCreateList() ?? []).length === 0 ? {} : { beforeCreate: true }),
            inputs,
            secretPaths,
        };
    }

    #urn(parent: string, type: string, name: string): string {
        const parentType = this.#typeOf.get(parent);
        const qualified = parentType === undefined ? type : `${parentType}$${type}`;
        const urn = `urn:pulumi:${pulumi.getStack()}::${pulumi.getProject()}::${qualified}::${name}`;
        if (type !== STACK_TYPE) this.#typeOf.set(urn, qualified);
        return urn;
    }
}

/** Runs `program` as a stack of its own and returns what it registered. Runs follow one another: the runtime is one per process. */
export async function record<Outputs>(
    program: () => Outputs | Promise<Outputs>,
    { project, stack, preview = true, onProgress = () => undefined, mocks = placeholders }: RecordOptions,
): Promise<Recording<Outputs>> {
    await setMocks(mocks, project, stack, preview);
    const monitor = new RecordingMonitor(mocks, onProgress);
    settings.setMockOptions(monitor, project, stack, preview);
    const failures: unknown[] = [];
    const collect = (reason: unknown) => failures.push(reason);
    // Whoever else listens would take a failure of the program, which is thrown below, for one of its own.
    const others = process.listeners("unhandledRejection");
    process.removeAllListeners("unhandledRejection");
    process.on("unhandledRejection", collect);
    try {
        let outputs: Outputs | undefined;
        await pulumi.runtime.runInPulumiStack(async () => {
            outputs = await program();
            return outputs;
        });
        await settled(monitor);
        if (failures.length > 0) throw failures[0];
        if (outputs === undefined) throw new pulumi.RunError("the program returned nothing");
        return { resources: monitor.recorded, outputs, exported: monitor.exported };
    } finally {
        await settled(monitor);
        // The server that hooks are called through belongs to this run's monitor; the next run has its own.
        settings.disconnectSync();
        process.off("unhandledRejection", collect);
        for (const other of others) process.on("unhandledRejection", other);
    }
}

/** Registrations go on after the program has returned; they are over when two looks in a row find nothing new. */
async function settled(monitor: RecordingMonitor): Promise<void> {
    let quiet = 0;
    for (let seen = -1; quiet < 2; seen = monitor.recorded.length) {
        await drain();
        await new Promise((resolve) => setImmediate(resolve));
        quiet = seen === monitor.recorded.length ? quiet + 1 : 0;
    }
}

/** The runtime's own wait for outstanding registrations; it is there, but its declaration is internal. */
async function drain(): Promise<void> {
    const waitForRPCs: unknown = Reflect.get(settings, "waitForRPCs");
    if (typeof waitForRPCs === "function") await Reflect.apply(waitForRPCs, undefined, []);
}
