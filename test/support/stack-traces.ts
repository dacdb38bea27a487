/*
 * Before each test file. Pulumi's runtime writes a stack trace down for every Promise and resource, to show where one that never
 * ends came from. No test reads these, and to take them down takes longer than all else that a program does.
 */
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** The functions of the SDK that ask for a stack trace of their own: on what, and their names. */
const ASKING = [
    [require("@pulumi/pulumi/runtime/debuggable.js"), "debuggablePromise"],
    [Reflect.get(Object(require("@pulumi/pulumi")), "Resource"), "callsites"],
] as const;

for (const [owner, name] of ASKING) {
    const asking: unknown = Reflect.get(Object(owner), name);
    if (typeof asking !== "function") throw new Error(`Pulumi's SDK has no ${name} any more`);
    // Files share one runtime.
    if (asking.name === "withoutTrace") continue;
    Reflect.set(Object(owner), name, function withoutTrace(this: unknown, ...args: unknown[]) {
        const limit = Error.stackTraceLimit;
        Error.stackTraceLimit = 0;
        try {
            const made: unknown = Reflect.apply(asking, this, args);
            return made;
        } finally {
            Error.stackTraceLimit = limit;
        }
    });
}
