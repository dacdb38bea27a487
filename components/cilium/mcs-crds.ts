import * as kubernetes from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { ciliumHas } from "../../model/support/cilium-options.ts";
import type { CiliumValuesArgs } from "./values-args.ts";

type Schema = kubernetes.types.input.apiextensions.v1.JSONSchemaProps;
type Column = kubernetes.types.input.apiextensions.v1.CustomResourceColumnDefinition;

/**
 * The kinds of the Multi-Cluster Services API, which the operator wants to find when it starts: up to 1.18 it ends where they
 * are not there, and from 1.19 on it installs them itself. They are left in the cluster when they are no longer made here:
 * every ServiceExport would go with them.
 * @see https://docs.cilium.io/en/v1.18/network/clustermesh/mcsapi/
 */
export function mcsCrds(
    name: string,
    { mcsApi, version }: Pick<CiliumValuesArgs, "mcsApi" | "version">,
    opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
): pulumi.Resource[] {
    if (!mcsApi || ciliumHas("mcsApi", version)) return [];
    return KINDS.map(
        ({ kind, short, columns, schema }) =>
            new kubernetes.apiextensions.v1.CustomResourceDefinition(
                `${name}-mcs-${kind.toLowerCase()}s`,
                {
                    metadata: {
                        name: `${kind.toLowerCase()}s.multicluster.x-k8s.io`,
                        // Until now it was for users to install them.
                        annotations: { "pulumi.com/patchForce": "true" },
                    },
                    spec: {
                        group: "multicluster.x-k8s.io",
                        scope: "Namespaced",
                        names: {
                            plural: `${kind.toLowerCase()}s`,
                            singular: kind.toLowerCase(),
                            kind,
                            shortNames: [...short],
                        },
                        versions: [
                            {
                                name: "v1alpha1",
                                served: true,
                                storage: true,
                                subresources: { status: {} },
                                additionalPrinterColumns: [...columns, AGE],
                                schema: { openAPIV3Schema: schema },
                            },
                        ],
                    },
                },
                { ...opts, retainOnDelete: true },
            ),
    );
}

const AGE: Column = { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" };

const TEXT: Schema = { type: "string" };

const TEXTS: Schema = { type: "object", additionalProperties: TEXT };

const CONDITION: Schema = {
    type: "object",
    required: ["lastTransitionTime", "message", "reason", "status", "type"],
    properties: {
        lastTransitionTime: { type: "string", format: "date-time" },
        message: { type: "string", maxLength: 32_768 },
        observedGeneration: { type: "integer", format: "int64", minimum: 0 },
        reason: {
            type: "string",
            maxLength: 1024,
            minLength: 1,
            pattern: "^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$",
        },
        status: { type: "string", enum: ["True", "False", "Unknown"] },
        type: {
            type: "string",
            maxLength: 316,
            pattern:
                "^([a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*/)?(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])$",
        },
    },
};

const SERVICE_PORT: Schema = {
    type: "object",
    required: ["port"],
    properties: {
        appProtocol: TEXT,
        name: TEXT,
        port: { type: "integer", format: "int32" },
        protocol: { type: "string", default: "TCP" },
    },
};

const SESSION_AFFINITY: Schema = {
    type: "object",
    properties: {
        clientIP: {
            type: "object",
            properties: { timeoutSeconds: { type: "integer", format: "int32" } },
        },
    },
};

/** What stands at the top of every object, then the kind's own. */
function object(spec: Schema, status: Schema): Schema {
    return {
        type: "object",
        properties: { apiVersion: TEXT, kind: TEXT, metadata: { type: "object" }, spec, status },
    };
}

/** A list in which each item has another key. */
function listBy(key: string, items: Schema): Schema {
    return {
        type: "array",
        items,
        x_kubernetes_list_map_keys: [key],
        x_kubernetes_list_type: "map",
    };
}

/** As sigs.k8s.io/mcs-api 0.3.0 has them, of which Cilium 1.18 is made; what those before know is part of it. */
const KINDS: readonly {
    readonly kind: string;
    readonly short: readonly string[];
    readonly columns: readonly Column[];
    readonly schema: Schema;
}[] = [
    {
        kind: "ServiceExport",
        short: ["svcex", "svcexport"],
        columns: [],
        schema: object(
            { type: "object", properties: { exportedAnnotations: TEXTS, exportedLabels: TEXTS } },
            { type: "object", properties: { conditions: listBy("type", CONDITION) } },
        ),
    },
    {
        kind: "ServiceImport",
        short: ["svcim", "svcimport"],
        columns: [
            {
                name: "Type",
                type: "string",
                description: "The type of this ServiceImport",
                jsonPath: ".spec.type",
            },
            {
                name: "IP",
                type: "string",
                description: "The VIP for this ServiceImport",
                jsonPath: ".spec.ips",
            },
        ],
        schema: object(
            {
                type: "object",
                required: ["ports", "type"],
                properties: {
                    ips: { type: "array", maxItems: 2, items: TEXT },
                    ports: { type: "array", items: SERVICE_PORT, x_kubernetes_list_type: "atomic" },
                    sessionAffinity: TEXT,
                    sessionAffinityConfig: SESSION_AFFINITY,
                    type: { type: "string", enum: ["ClusterSetIP", "Headless"] },
                },
            },
            {
                type: "object",
                properties: {
                    clusters: listBy("cluster", {
                        type: "object",
                        required: ["cluster"],
                        properties: { cluster: TEXT },
                    }),
                },
            },
        ),
    },
];
