import { RunError } from "@pulumi/pulumi";
import { expect } from "vitest";

import { record } from "../../../plan/record.ts";

/** The message with which a program ends before it has registered anything. */
export async function refusalOf(program: () => unknown): Promise<string> {
    let registered = 0;
    const failure: unknown = await record(() => ({ made: program() }), {
        project: "multicluster",
        stack: "test",
        onProgress: (count) => (registered = count),
    }).then(
        () => "nothing was refused",
        (error: unknown) => error,
    );
    expect(registered).toBe(0);
    expect(failure).toBeInstanceOf(RunError);
    return failure instanceof Error ? failure.message : "";
}
