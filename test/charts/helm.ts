import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { findCommand } from "../../ops/find-command.ts";
import { run } from "./run.ts";

/** The Helm that is built where there is none. */
const HELM = "v3.18.6";

/** The Helm 3 of this machine; otherwise one that Go builds once, in `$XDG_CACHE_HOME/multicluster` or `~/.cache/multicluster`. */
export function findHelm(): string {
    const { PATH } = process.env;
    const installed = findCommand("helm", PATH);
    if (installed !== undefined && isHelm3(installed)) return installed;
    const folder = join(cacheFolder(), "multicluster", `helm-${HELM}`);
    const built = join(folder, "helm");
    if (isHelm3(built)) return built;
    const go = findCommand("go", PATH);
    if (go === undefined) {
        throw new Error(
            "the charts are rendered by Helm 3, and there is neither a Helm 3 nor a Go to build one: see https://helm.sh/docs/intro/install/ and https://go.dev/dl/",
        );
    }
    console.log(`building Helm ${HELM} in ${folder}, once; this takes minutes`);
    mkdirSync(folder, { recursive: true });
    run(go, ["install", `helm.sh/helm/v3/cmd/helm@${HELM}`], { GOBIN: folder });
    return built;
}

function cacheFolder(): string {
    const { XDG_CACHE_HOME: folder = "" } = process.env;
    return folder === "" ? join(homedir(), ".cache") : folder;
}

function isHelm3(helm: string): boolean {
    const { status, stdout } = spawnSync(helm, ["version", "--short"], { encoding: "utf8" });
    return status === 0 && stdout.startsWith("v3.");
}
