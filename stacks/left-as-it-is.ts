import * as pulumi from "@pulumi/pulumi";

/**
 * For everything of a cluster that no longer answers: it stays in the state as it was, and when it is left out of the
 * description it is forgotten there without a word to the cluster.
 */
export const LEFT_AS_IT_IS: pulumi.ComponentResourceOptions = {
    transformations: [
        ({ props, opts }) => ({
            props,
            opts: pulumi.mergeOptions(opts, { ignoreChanges: ["*"], retainOnDelete: true }),
        }),
    ],
};
