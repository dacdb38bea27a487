import type { Mesh } from "../model/resolved.ts";
import { accept, type Accepted } from "../stacks/accept.ts";
import { deployMesh } from "../stacks/deploy-mesh.ts";
import type { SecretSource } from "../stacks/secrets.ts";

/** What a plan runs. */
export interface Program {
    /** The mesh that a description means, or a `pulumi.RunError` with every reason why it is none. */
    accept(name: string, description: unknown, secrets: SecretSource): Accepted;
    /** Registers everything, and returns what the stack exports. */
    deploy(mesh: Mesh, secrets: SecretSource): object;
}

/** The program itself. */
export const theProgram: Program = {
    accept: (name, description, secrets) => accept(name, description, { secrets, refuseWarnings: false }),
    deploy: deployMesh,
};
