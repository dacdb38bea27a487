import type { Rke2 } from "../resolved.ts";

/** Whether config.yaml leaves out a chart that RKE2 would install: one name, several with commas, or a list. */
export function rke2Disables({ config: { disable = [] } }: Pick<Rke2, "config">, chart: string): boolean {
    return [disable]
        .flat()
        .flatMap((item) => (typeof item === "string" ? item.split(",") : []))
        .some((name) => name.trim() === chart);
}
