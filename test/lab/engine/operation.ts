import { z } from "zod";

/**
 * What the engine can be asked for. `configure` makes the stack and sets its secrets, and nothing else; `unprotect` lets a
 * `destroy` take the CA and the token's seed too.
 */
export const operation = z.enum([
    "configure",
    "preview",
    "up",
    "refresh",
    "destroy",
    "unprotect",
    "cancel",
    "export",
]);
export type Operation = z.infer<typeof operation>;
