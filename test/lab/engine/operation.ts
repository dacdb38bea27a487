import { z } from "zod";

/** What the engine can be asked for. `configure` makes the stack and sets its secrets, and nothing else. */
export const operation = z.enum(["configure", "preview", "up", "refresh", "destroy", "cancel", "export"]);
export type Operation = z.infer<typeof operation>;
