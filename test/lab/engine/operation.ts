import { z } from "zod";

/**
 * What the engine can be asked for. `configure` makes the stack and sets its secrets, and nothing else; `unprotect` lets a
 * `destroy` take the CA and the token's seed too; `clear-pending` is a `refresh` that forgets what killed runs have begun.
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
]);
export type Operation = z.infer<typeof operation>;
