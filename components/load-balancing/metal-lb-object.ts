import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";

/** Where the objects of one MetalLB belong. */
export interface MetalLbHome {
    /** The component they are part of. */
    readonly component: pulumi.ComponentResource;
    /** Its logical name, which theirs begin with. */
    readonly name: string;
    /** MetalLB looks at its own namespace only. */
    readonly namespace: string;
    /** What must be there first: without its CRDs and its webhook every object is refused. */
    readonly ready: pulumi.Resource;
}

type Kind = "BFDProfile" | "BGPAdvertisement" | "BGPPeer" | "Community" | "IPAddressPool" | "L2Advertisement";

type Options = Pick<pulumi.CustomResourceOptions, "replaceOnChanges" | "deleteBeforeReplace"> & {
    readonly dependsOn?: readonly pulumi.Resource[];
};

/** One object of MetalLB's. */
export function metalLbObject(
    { component, name, namespace, ready }: MetalLbHome,
    role: string,
    kind: Kind,
    objectName: string,
    spec: object,
    { dependsOn = [], ...opts }: Options = {},
): k8s.apiextensions.CustomResource {
    return new k8s.apiextensions.CustomResource(
        `${name}-${role}`,
        {
            apiVersion: kind === "BGPPeer" ? "metallb.io/v1beta2" : "metallb.io/v1beta1",
            kind,
            metadata: { name: objectName, namespace },
            spec,
        },
        // Nothing flows here from what makes MetalLB ready.
        { ...opts, parent: component, dependsOn: [ready, ...dependsOn] },
    );
}
