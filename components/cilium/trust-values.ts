import type { CiliumValuesArgs, Values } from "./values-args.ts";

/**
 * Whom to trust is read once, when they start, by etcd and by everything that asks one: a Secret that changes is not enough.
 * So the pods carry what they trust, and are replaced when that changes. Their own certificates are read for each connection,
 * and Hubble watches both; but a kubelet may be minutes behind, and before the old CA is given up nothing may still show a
 * certificate of it. So the mesh API's pods also carry who signs.
 */
export function trustValues(args: CiliumValuesArgs): Values {
    const { trust, hubble } = args;
    if (trust === undefined) return {};
    const trusting = { podAnnotations: { [TRUSTED]: trust.trusted.join(" ") } };
    return {
        ...trusting,
        ...(asksOthers(args) ? { operator: trusting } : {}),
        clustermesh: {
            apiserver: {
                podAnnotations: { ...trusting.podAnnotations, [SIGNED_BY]: String(trust.signer) },
            },
        },
        ...(hubble.enabled && (hubble.relay || hubble.ui)
            ? {
                  hubble: {
                      ...(hubble.relay ? { relay: trusting } : {}),
                      ...(hubble.ui ? { ui: trusting } : {}),
                  },
              }
            : {}),
    };
}

const TRUSTED = "multicluster/trusted-cas";
const SIGNED_BY = "multicluster/signing-ca";

/** The operator connects to other clusters only for what it copies between them. */
function asksOthers({ endpointSliceSynchronization, mcsApi }: CiliumValuesArgs): boolean {
    return endpointSliceSynchronization || mcsApi;
}
