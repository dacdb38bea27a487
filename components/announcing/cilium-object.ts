import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

import { ciliumApi, otherCiliumApis, type CiliumKind } from "../../model/support/cilium-apis.ts";

export interface CiliumObjectArgs {
    /** The version of the Cilium that is running: it decides the API version. */
    readonly ciliumVersion: string;
    readonly kind: CiliumKind;
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
    readonly spec: object;
}

/**
 * One object of Cilium's, which lives through upgrades of Cilium. The API version is part of a resource's type, so that the
 * engine takes an object of another one for another object: it makes the new, and then deletes the old, which is the same in
 * the cluster. Aliases say that they are one. The provider then applies the object as it is in the new version; only another
 * name would make it delete anything.
 */
export function ciliumObject(
    name: string,
    { ciliumVersion, kind, metadata, spec }: CiliumObjectArgs,
    opts: pulumi.CustomResourceOptions & { readonly parent: pulumi.Resource },
): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
        name,
        { apiVersion: ciliumApi(kind, ciliumVersion), kind, metadata, spec },
        {
            ...opts,
            aliases: otherCiliumApis(kind, ciliumVersion).map((api) => ({
                type: `kubernetes:${api}:${kind}`,
            })),
        },
    );
}
