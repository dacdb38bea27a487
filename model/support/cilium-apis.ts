import { show, type Problem } from "../problem.ts";
import { CILIUM_MINORS } from "./matrix.ts";
import { minorOf } from "./version.ts";

/** The kinds of Cilium's that this program writes and whose API version depends on Cilium's. All are cluster-wide. */
export type CiliumKind =
    | "CiliumBGPAdvertisement"
    | "CiliumBGPClusterConfig"
    | "CiliumBGPNodeConfigOverride"
    | "CiliumBGPPeerConfig"
    | "CiliumEgressGatewayPolicy"
    | "CiliumL2AnnouncementPolicy"
    | "CiliumLoadBalancerIPPool";

/** The Cilium minor that serves a kind as `v2`; none does where it says so. */
const V2_SINCE: Readonly<Record<CiliumKind, number | "never">> = {
    CiliumBGPAdvertisement: 18,
    CiliumBGPClusterConfig: 18,
    CiliumBGPNodeConfigOverride: 18,
    CiliumBGPPeerConfig: 18,
    CiliumEgressGatewayPolicy: 16,
    CiliumL2AnnouncementPolicy: "never",
    CiliumLoadBalancerIPPool: 18,
};

export type CiliumApi = "cilium.io/v2" | "cilium.io/v2alpha1";

/** The `apiVersion` to write a kind in: the newest that this version of Cilium serves. */
export function ciliumApi(kind: CiliumKind, ciliumVersion: string): CiliumApi {
    const since = V2_SINCE[kind];
    return since !== "never" && minorOf(ciliumVersion) >= since ? "cilium.io/v2" : "cilium.io/v2alpha1";
}

/** In what an object of a kind may have been written with another version of Cilium. */
export function otherCiliumApis(kind: CiliumKind, ciliumVersion: string): CiliumApi[] {
    const written = new Set(CILIUM_MINORS.map((minor) => ciliumApi(kind, `1.${minor}.0`)));
    return [...written].filter((api) => api !== ciliumApi(kind, ciliumVersion));
}

/** A Cilium whose objects this program does not know cannot be given any. */
export function ciliumVersionProblems(ciliumVersion: string, path: string): Problem[] {
    return CILIUM_MINORS.includes(minorOf(ciliumVersion))
        ? []
        : [
              {
                  path,
                  value: show(ciliumVersion),
                  rule: "is not a Cilium that this program knows",
                  fix: `use one of ${CILIUM_MINORS.map((minor) => `1.${minor}`).join(", ")}`,
              },
          ];
}
