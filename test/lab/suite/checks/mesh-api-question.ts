import { z } from "zod";

/** Whom to ask, whom to trust, and who asks. */
export const meshApiQuestion = z.object({
    address: z.string(),
    port: z.number(),
    /** The CA that the server's certificate must verify to, for the address itself. */
    ca: z.string(),
    /** The certificate and key of who asks; without one they have none. */
    client: z.object({ cert: z.string(), key: z.string() }).optional(),
});
export type MeshApiQuestion = z.infer<typeof meshApiQuestion>;

/** What came of it. */
export const meshApiAnswer = z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("answered"), status: z.number() }),
    z.object({ kind: z.literal("failed"), code: z.string(), message: z.string() }),
]);
export type MeshApiAnswer = z.infer<typeof meshApiAnswer>;
