/*
 * Before each test file. Pulumi's runtime writes a stack trace down for every Promise and resource, to show where one that never
 * ends came from. No test reads these, and to find each frame in its source takes longer than all else that a program does.
 */

/** The functions of the SDK that ask for a stack trace of their own. */
const ASKING = ["debuggablePromise", "callsites"];

/** What the test runner shows stack traces with. */
const shown: unknown = Reflect.get(Error, "prepareStackTrace");
if (typeof shown === "function" && shown.name !== "showOthers") {
    Error.prepareStackTrace = function showOthers(error, frames): unknown {
        const asking = frames[0]?.getFunctionName() ?? "";
        return ASKING.includes(asking) ? String(error) : Reflect.apply(shown, Error, [error, frames]);
    };
}
