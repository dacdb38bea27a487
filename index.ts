import * as pulumi from "@pulumi/pulumi";

import { formatProblem } from "./model/problem.ts";
import { accept } from "./stacks/accept.ts";
import { deployMesh } from "./stacks/deploy-mesh.ts";
import { loadStack } from "./stacks/load.ts";
import { stackSecrets } from "./stacks/secrets.ts";

const stack = pulumi.getStack();
const secrets = stackSecrets();
const refuseWarnings = new pulumi.Config().getBoolean("refuseWarnings") ?? false;

const { mesh, warnings } = accept(stack, await loadStack(stack), { secrets, refuseWarnings });
for (const warning of warnings) await pulumi.log.warn(formatProblem(warning));

export const { caCertificate, certificateEnds, clusters } = deployMesh(mesh, secrets);
