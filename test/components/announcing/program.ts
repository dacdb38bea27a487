import { expect } from "vitest";

import { record, type RecordedResource } from "../../../plan/record.ts";

const STACK = { project: "multicluster", stack: "test" } as const;

/** What a program registers, by logical name, in the order of registration. */
export async function made(program: () => unknown): Promise<Map<string, RecordedResource>> {
    const { resources } = await record(() => {
        program();
        return {};
    }, STACK);
    return new Map(resources.map((resource) => [resource.name, resource]));
}

/** The message of a program that ends before it registers anything. */
export async function refused(program: () => unknown): Promise<string> {
    let registered = 0;
    let message = "nothing was refused";
    try {
        await record(
            () => {
                program();
                return {};
            },
            { ...STACK, onProgress: (count) => (registered = count) },
        );
    } catch (error) {
        message = error instanceof Error ? error.message : String(error);
    }
    expect(registered).toBe(0);
    return message;
}

/** The resource of this logical name. */
export function get(resources: ReadonlyMap<string, RecordedResource>, name: string): RecordedResource {
    const found = resources.get(name);
    if (found === undefined) throw new Error(`${name} is not among ${[...resources.keys()].join(", ")}`);
    return found;
}

/** The logical names of what a resource waits for. */
export function waitsFor(resource: RecordedResource): string[] {
    return resource.dependsOn.map((urn) => urn.replace(/^.*::/, "")).sort();
}

/** What the published model of an object (a class of @kubernetes-models) says against it; nothing if it is right. */
export function modelComplaint(model: unknown, inputs: RecordedResource["inputs"]): string | undefined {
    if (typeof model !== "function") throw new Error("not a model");
    const object: unknown = Reflect.construct(model, [inputs]);
    const validate: unknown =
        typeof object === "object" && object !== null && Reflect.get(object, "validate");
    if (typeof validate !== "function") throw new Error("not a model");
    try {
        Reflect.apply(validate, object, []);
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
