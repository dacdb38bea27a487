import { merge } from "../../model/merge.ts";
import { announcingValues } from "./announcing-values.ts";
import { certgenValues } from "./certgen-values.ts";
import { clusterMeshValues } from "./clustermesh-values.ts";
import { dataPathValues } from "./datapath-values.ts";
import { encryptionValues } from "./encryption-values.ts";
import { hubbleValues } from "./hubble-values.ts";
import { authenticationValues, kubernetesValues, operatorValues } from "./kubernetes-values.ts";
import { routingValues } from "./routing-values.ts";
import { trustValues } from "./trust-values.ts";
import type { CiliumValuesArgs, Values } from "./values-args.ts";

/** The chart's values: what the mesh decides, then what the user passes through. Only keys that the version knows. */
export function ciliumValues(args: CiliumValuesArgs): Values {
    const parts: readonly NonNullable<CiliumValuesArgs["values"]>[] = [
        kubernetesValues(args),
        operatorValues(args),
        routingValues(args),
        dataPathValues(args),
        encryptionValues(args),
        clusterMeshValues(args),
        announcingValues(args),
        hubbleValues(args),
        trustValues(args),
        certgenValues(args),
        authenticationValues(args),
        args.values ?? {},
    ];
    return parts.reduce<Values>((merged, part) => merge(merged, part), {});
}
