import { ciliumHas } from "../../model/support/cilium-options.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** The Secret that holds the key of IPsec, and its one entry. */
export const IPSEC_SECRET = { name: "cilium-ipsec-keys", key: "keys" } as const;

/** Encryption between nodes. */
export function encryptionValues(args: CiliumValuesArgs): Values {
    const { encryption } = args;
    switch (encryption.type) {
        case "none":
            return {};
        case "wireguard":
            return {
                encryption: {
                    enabled: true,
                    type: "wireguard",
                    nodeEncryption: encryption.nodeEncryption ?? false,
                    ...strictValues(encryption.strictEgressCidr, args),
                },
            };
        case "ipsec":
            return {
                encryption: {
                    enabled: true,
                    type: "ipsec",
                    ipsec: {
                        secretName: IPSEC_SECRET.name,
                        keyFile: IPSEC_SECRET.key,
                        ...(encryption.keepOldKey === undefined
                            ? {}
                            : { keyRotationDuration: encryption.keepOldKey }),
                    },
                },
            };
    }
}

/** Strict mode has another place since 1.19, where ingress was added; 1.20 ignores the old one without a word. */
function strictValues(cidr: string | undefined, args: CiliumValuesArgs): Values {
    if (cidr === undefined) return {};
    // With a tunnel the agent sees only nodes' addresses, and must look up who is behind them.
    const egress = { enabled: true, cidr, allowRemoteNodeIdentities: args.routing.mode === "tunnel" };
    return { strictMode: ciliumHas("strictModeByDirection", args.version) ? { egress } : egress };
}
