import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { Ajv } from "ajv";
import { parse } from "yaml";
import { z } from "zod";

import { crdsOfCilium } from "./charts.ts";

const schema = z.record(z.string(), z.unknown());
const crd = z.object({
    metadata: z.object({ name: z.string() }),
    spec: z.object({
        group: z.string(),
        names: z.object({ kind: z.string() }),
        scope: z.enum(["Cluster", "Namespaced"]),
        versions: z.array(
            z.object({
                name: z.string(),
                served: z.boolean(),
                schema: z.object({ openAPIV3Schema: schema }),
            }),
        ),
    }),
});
const written = z.looseObject({
    apiVersion: z.string(),
    kind: z.string(),
    metadata: z.object({ name: z.string(), namespace: z.string().optional() }),
});

/** The custom resources that a cluster knows. */
export class Crds {
    readonly #crds: readonly z.infer<typeof crd>[];

    constructor(definitions: readonly unknown[]) {
        this.#crds = definitions.map((definition) => crd.parse(definition));
    }

    get names(): string[] {
        return this.#crds.map(({ metadata }) => metadata.name);
    }

    /** What an API server would say against an object, but for rules that are written in CEL. */
    complaints(object: unknown): string[] {
        const { apiVersion, kind, metadata } = written.parse(object);
        const definition = this.#crds.find(({ spec }) =>
            spec.versions.some(
                ({ name, served }) =>
                    served && spec.names.kind === kind && `${spec.group}/${name}` === apiVersion,
            ),
        );
        const version = definition?.spec.versions.find(({ name }) => apiVersion.endsWith(`/${name}`));
        if (definition === undefined || version === undefined) return [`no ${apiVersion} ${kind} is served`];
        const at = `${kind} ${metadata.name}`;
        const namespaced = definition.spec.scope === "Namespaced";
        // Formats are checked where rules in CEL are: in the tests of the components.
        const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
        const validate = ajv.compile(schema.parse(closed(version.schema.openAPIV3Schema)));
        return [
            ...(namespaced === (metadata.namespace !== undefined) ? [] : [`${at} is in the wrong scope`]),
            ...(validate(object) ? [] : (validate.errors ?? [])).map(
                ({ instancePath, message = "", params }) =>
                    `${at}${instancePath} ${message} ${JSON.stringify(params)}`,
            ),
        ];
    }
}

/** The CRDs that Cilium's operator registers. */
export function ciliumCrds(version: string): Crds {
    const folder = crdsOfCilium(version);
    const files = readdirSync(folder, { recursive: true, encoding: "utf8" });
    return new Crds(
        files
            .filter((file) => file.endsWith(".yaml"))
            .map((file): unknown => parse(readFileSync(join(folder, file), "utf8"))),
    );
}

/** A schema in which an object has no field that is not named. What the API server itself knows of metadata is not in it. */
function closed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(closed);
    const fields = schema.safeParse(value);
    if (!fields.success) return value;
    const inner = Object.fromEntries(Object.entries(fields.data).map(([key, item]) => [key, closed(item)]));
    const open = "additionalProperties" in inner || "x-kubernetes-preserve-unknown-fields" in inner;
    return inner["type"] === "object" && "properties" in inner && !open
        ? { ...inner, additionalProperties: false }
        : inner;
}
