import { show, type Problem } from "../problem.ts";
import type { LabelSelector } from "../resolved.ts";
import { minorOf } from "./version.ts";

/** What Cilium could do in its place. */
export function lacks(path: string, value: unknown, does: string, instead = "leave it out"): Problem[] {
    return [
        {
            path,
            value: show(value),
            rule: `MetalLB ${does}`,
            fix: `${instead}, or let Cilium give and announce the addresses (lb-ipam)`,
        },
    ];
}

/** Selecting Services is new in MetalLB. */
export function serviceSelectorProblems(
    { serviceSelector }: { readonly serviceSelector?: LabelSelector | undefined },
    version: string,
    path: string,
): Problem[] {
    return serviceSelector === undefined || minorOf(version) >= 16
        ? []
        : [
              {
                  path: `${path}.serviceSelector`,
                  value: show(serviceSelector),
                  rule: `MetalLB has it since 0.16, not in ${version}`,
                  fix: "use MetalLB 0.16 or later, or leave it out",
              },
          ];
}
