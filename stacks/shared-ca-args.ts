import type { SharedCaArgs } from "../components/tls/shared-ca.ts";
import type { BroughtCa, Mesh } from "../model/resolved.ts";
import type { SecretSource } from "./secrets.ts";

/** The CA of a mesh, with the keys of those that are brought. */
export function sharedCaArgs({ name, certificates }: Mesh, secrets: SecretSource): SharedCaArgs {
    const { caValidityHours, caGeneration, nextCa, ca, nextCaFrom } = certificates;
    const brought = (some: BroughtCa) => ({
        certificate: some.certificate,
        privateKeyPem:
            "privateKey" in some
                ? secrets.get(some.privateKey.fromConfig)
                : secrets.keyFile(some.privateKeyFile),
    });
    return {
        meshName: name,
        validityHours: caValidityHours,
        generation: caGeneration,
        ...(nextCa === undefined ? {} : { next: nextCa }),
        ...(ca === undefined ? {} : { brought: brought(ca) }),
        ...(nextCaFrom === undefined ? {} : { nextBrought: brought(nextCaFrom) }),
    };
}
