import { z } from "zod";

/**
 * What the engine can be asked for. `configure` makes the stack and sets its secrets, and nothing else; `unprotect` lets a
 * `destroy` take the CA and the token's seed too; `clear-pending` is a `refresh` that forgets what killed runs have begun;
 * `forget` takes a resource out of the state with all that depends on it, and asks nobody.
 */
export const operation = z.enum([
    "configure",
    "preview",
    "up",
    "refresh",
    "clear-pending",
    "destroy",
    "unprotect",
    "cancel",
    "export",
    "forget",
]);
export type Operation = z.infer<typeof operation>;
