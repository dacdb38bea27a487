import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Programs that are built together: a folder in `go` with a go.mod, and what it takes besides. */
export interface GoSet {
    readonly version: string;
    /** What the linker writes into the programs, as `package.variable=value`. */
    readonly variables: readonly string[];
    readonly tags: readonly string[];
    /** How long it takes from nothing on two cores. */
    readonly minutes: number;
}

const KUBERNETES = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((name) => [
    // Charts refuse a server that does not know its version.
    `${name}.gitVersion=v1.35.4`,
    `${name}.gitMajor=1`,
    `${name}.gitMinor=35`,
]);

/** What can be built with Go. A change of a version belongs into the set's go.mod too. */
export const SETS = {
    engine: {
        version: "3.259.0",
        // The Automation API refuses a CLI that does not know its version.
        variables: ["github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v3.259.0"],
        tags: [],
        minutes: 4,
    },
    "kubernetes-provider": { version: "4.25.0", variables: [], tags: [], minutes: 10 },
    kubernetes: { version: "1.35.4", variables: KUBERNETES, tags: [], minutes: 5 },
    cilium: {
        version: "1.19.6",
        variables: ["github.com/cilium/cilium/pkg/version.ciliumVersion=1.19.6"],
        // What Cilium calls the operator for clusters that are in no cloud.
        tags: ["ipam_provider_operator"],
        minutes: 4,
    },
    helm: {
        version: "3.18.6",
        variables: ["helm.sh/helm/v3/internal/version.version=v3.18.6"],
        tags: [],
        minutes: 3,
    },
    // The Go modules of 0.16.2 are not complete: it names a version of frr-k8s that is not among them.
    metallb: { version: "0.16.1", variables: [], tags: [], minutes: 3 },
    gobgp: { version: "3.37.0", variables: [], tags: [], minutes: 1 },
} as const satisfies Readonly<Record<string, GoSet>>;

export type SetName = keyof typeof SETS;

/** The folder of a set's go.mod. */
export function folderOfSet(name: SetName): string {
    return fileURLToPath(new URL(`go/${name}`, import.meta.url));
}

/** A short text that changes with anything that goes into a build, so that no old program stands for a new one. */
export function recipeOf(name: SetName): string {
    const folder = folderOfSet(name);
    const recipe = createHash("sha256").update(JSON.stringify(argumentsOf(name)));
    for (const file of readdirSync(folder).sort()) {
        recipe.update(`\n${file}\n`).update(readFileSync(join(folder, file)));
    }
    return recipe.digest("hex").slice(0, 8);
}

/** The arguments of `go build` that a set wants. */
export function argumentsOf(name: SetName): string[] {
    const { tags, variables }: GoSet = SETS[name];
    const linking = ["-s", "-w", ...variables.map((variable) => `-X ${variable}`)].join(" ");
    return ["-trimpath", ...(tags.length > 0 ? ["-tags", tags.join(",")] : []), "-ldflags", linking];
}
