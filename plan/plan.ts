/*
 * A plan: the very program, run in this process under Pulumi's runtime, and everything it would make written down. No cluster,
 * no account and no secret is needed, and none is used: each secret is the text `[secret]`.
 */
import * as pulumi from "@pulumi/pulumi";

import { configYaml } from "../components/rke2/config.ts";
import { deriveToken } from "../components/rke2/cluster-tokens.ts";
import type { Problem } from "../model/problem.ts";
import type { Mesh } from "../model/resolved.ts";
import type { SecretSource } from "../stacks/secrets.ts";
import { Ancestry } from "./ancestry.ts";
import { Folder } from "./folder.ts";
import { addHostFiles } from "./host-files.ts";
import { addKubernetesFiles } from "./kubernetes-files.ts";
import { inOrder } from "./order.ts";
import { plain, type Paint } from "./paint.ts";
import { placeholder } from "./placeholders.ts";
import { planJson } from "./plan-json.ts";
import { theProgram, type Program } from "./program.ts";
import { record, type RecordedResource } from "./record.ts";
import { Redactor, SECRET } from "./redact.ts";
import { topologyMarkdown, topologySvg } from "./topology.ts";
import { treeText } from "./tree.ts";

export interface PlanArgs {
    /** What a user wrote, in whatever shape. */
    readonly description: unknown;
    /** The stack to plan it as. */
    readonly stack: string;
    /** What messages call the description. @default - the stack's name */
    readonly source?: string;
    /** Called after each registration, with the number of resources so far. */
    readonly onProgress?: (count: number) => void;
    /** How the tree is coloured. @default - not at all */
    readonly paint?: Paint;
    /** What to run. @default - the program itself */
    readonly program?: Program;
}

export interface Plan {
    readonly mesh: Mesh;
    readonly warnings: readonly Problem[];
    /** In an order in which they can be made; as registered, secrets included. */
    readonly resources: readonly RecordedResource[];
    /** Text by path, without any secret. */
    readonly files: ReadonlyMap<string, string>;
    /** What a person reads. */
    readonly tree: string;
}

const PROJECT = "multicluster";
const TOKENS_TYPE = "multicluster:rke2:ClusterTokens";

const hiddenSecrets: SecretSource = {
    get: () => pulumi.secret(SECRET),
    keyFile: () => pulumi.secret(SECRET),
    refuse: () => [],
    refuseKeyFile: () => [],
    refuseKubeconfigFile: () => [],
};

/** Plans a description, or throws a `pulumi.RunError` with every reason against it. Plans follow one another: see record.ts. */
export async function plan(args: PlanArgs): Promise<Plan> {
    const { description, stack, source = stack, onProgress, paint = plain, program = theProgram } = args;
    const { mesh, warnings } = program.accept(source, description, hiddenSecrets);
    const recording = await record(() => program.deploy(mesh, hiddenSecrets), {
        project: PROJECT,
        stack,
        ...(onProgress === undefined ? {} : { onProgress }),
    });
    const resources = inOrder(recording.resources);
    const ancestry = new Ancestry(resources);
    const redactor = new Redactor(resources, derivedTokens(mesh, resources, ancestry));

    const folder = new Folder();
    folder.add("topology.md", topologyMarkdown(mesh));
    folder.add("topology.svg", await topologySvg(mesh));
    addHostFiles(folder, { mesh, resources, ancestry, redactor, configYaml });
    addKubernetesFiles(folder, { resources, ancestry, redactor });
    const { exported } = recording;
    const files = [...folder.files().keys()];
    folder.add("plan.json", planJson({ stack, mesh: mesh.name, resources, exported, redactor, files }));

    const tree = treeText({ mesh, warnings, resources, ancestry, paint });
    return { mesh, warnings, resources, files: folder.files(), tree };
}

/** The tokens of clusters as they stand in scripts: derived from the text that stands for the key. */
function derivedTokens(mesh: Mesh, resources: readonly RecordedResource[], ancestry: Ancestry): string[] {
    return resources
        .filter((resource) => resource.custom && ancestry.nearest(TOKENS_TYPE, resource) !== undefined)
        .flatMap((seed) =>
            mesh.clusters.map(({ name, rke2 }) =>
                deriveToken(placeholder(seed.name, "privateKeyPem"), name, rke2.tokenGeneration),
            ),
        );
}
