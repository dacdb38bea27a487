import type { MeshDescription } from "../description/mesh.ts";
import type { CiliumUpgrade } from "../resolved.ts";

/** The upgrade that is under way, if one is. */
export function resolveUpgrade({ cilium, clusters }: MeshDescription): CiliumUpgrade | undefined {
    const { upgrade } = cilium;
    return upgrade === undefined
        ? undefined
        : {
              from: upgrade.from,
              order: upgrade.order ?? Object.keys(clusters),
              notesRead: upgrade.notesRead ?? false,
          };
}
