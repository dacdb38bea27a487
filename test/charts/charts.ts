import { join } from "node:path";

import { z } from "zod";

import { findCommand } from "../../ops/find-command.ts";
import { run } from "./run.ts";

/** The Go module of a project, which holds its chart and its CRDs. A module of a version never changes. */
const MODULES = {
    cilium: { module: "github.com/cilium/cilium", chart: "install/kubernetes/cilium" },
    metallb: { module: "go.universe.tf/metallb", chart: "charts/metallb" },
} as const;

/** The last patch of each minor version that there is as a Go module. */
export const CILIUM_VERSIONS = ["1.16.19", "1.17.16", "1.18.11", "1.19.6", "1.20.2"] as const;
export const METALLB_VERSIONS = ["0.15.2", "0.16.2"] as const;

const CRDS_OF_CILIUM = "pkg/k8s/apis/cilium.io/client/crds";

/** The folder of a project's chart; Go downloads it where it is not there yet. */
export function chartFolder(name: keyof typeof MODULES, version: string): string {
    const { module, chart } = MODULES[name];
    return join(moduleFolder(module, version), chart);
}

/** The folder of the CRDs that Cilium's operator registers when it starts. */
export function crdsOfCilium(version: string): string {
    return join(moduleFolder(MODULES.cilium.module, version), CRDS_OF_CILIUM);
}

/** The folder of the CRDs of the Multi-Cluster Services API that Cilium 1.18 is made of. */
export function crdsOfMcsApi(): string {
    return join(moduleFolder("sigs.k8s.io/mcs-api", "0.3.0"), "config/crd");
}

function moduleFolder(module: string, version: string): string {
    const go = findCommand("go", process.env["PATH"]);
    if (go === undefined) {
        throw new Error(
            "the charts come out of Go modules, and there is no Go: install it, https://go.dev/dl/",
        );
    }
    const answer: unknown = JSON.parse(run(go, ["mod", "download", "-json", `${module}@v${version}`]));
    return z.object({ Dir: z.string() }).parse(answer).Dir;
}
