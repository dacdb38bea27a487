import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";

import { z } from "zod";

import { releaseText } from "../../../../components/helm/release-record.ts";
import type { Run } from "../../engine/engine.ts";
import { hostsOf } from "../../mesh/hosts.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import type { SeenArguments } from "./argument-sampler.ts";
import { SecretSearch, type Leak } from "./secret-search.ts";
import { secretsOfState, type KnownSecret } from "./secrets-of-state.ts";

/** What was seen while the engine worked. */
export interface Witnesses {
    readonly runs?: readonly Run[];
    readonly seen?: readonly SeenArguments[];
}

/** The CA's key has this name in a state. */
const CA_KEY = "ca-key";

/**
 * No private key, token or password is where others can read it: the engine's output, events and plain files, the arguments of
 * processes, logs, ConfigMaps, values of Helm. The CA's key is on no host and in no cluster at all. What is secret follows from
 * the state. An error lists every place.
 */
export async function noSecretLeaks(lab: LabMesh, { runs = [], seen = [] }: Witnesses = {}): Promise<void> {
    const secrets = await stateSecrets(lab);
    const all = new SecretSearch(secrets);
    const ca = new SecretSearch(caSecrets(secrets));
    await searchSees(lab, all);
    const leaks = [
        ...runs.flatMap((run, index) => inRun(all, run, index + 1)),
        ...seen.flatMap(({ place, text }) => all.inText(place, text)),
        ...(await inPlainFiles(lab, all)),
        ...(await inLogs(lab, all)),
        ...(await caOnDisks(lab, ca)),
    ];
    for (const { name } of lab.mesh.clusters) leaks.push(...(await inCluster(lab, name, { all, ca })));
    if (leaks.length === 0) return;
    const lines = leaks.map(({ secret, place }) => `${secret} is in ${place}`);
    throw new Error(`secrets are where others can read them:\n${[...new Set(lines)].sort().join("\n")}`);
}

async function stateSecrets(lab: LabMesh): Promise<KnownSecret[]> {
    const file = join(lab.lab.folder, "engine", "exported-state.json");
    try {
        await lab.operate("export", { to: file });
        return secretsOfState(await readFile(file, "utf8"));
    } finally {
        await rm(file, { force: true });
    }
}

function caSecrets(secrets: readonly KnownSecret[]): KnownSecret[] {
    const found = secrets.filter(({ name }) => name.startsWith(`${CA_KEY}.`));
    if (found.length === 0)
        throw new Error(`the state has no secret of ${CA_KEY}: what was to be searched for?`);
    return found;
}

/** Where every secret search must find something: RKE2's own token is on every host, and nowhere in a log. */
async function searchSees(lab: LabMesh, search: SecretSearch): Promise<void> {
    for (const { name } of hostsOf(lab.mesh)) {
        const found = await search.inFiles(lab, `${diskOf(lab, name)}/etc/rancher/rke2/token`);
        if (found.length === 0) {
            throw new Error(
                `the search is blind: ${name} has a token in /etc/rancher/rke2/token, and it was not found`,
            );
        }
    }
}

function inRun(search: SecretSearch, { output, events }: Run, number: number): Leak[] {
    return [
        ...search.inText(`the engine's output of run ${number}`, output),
        ...search.inText(`the engine's events of run ${number}`, JSON.stringify(events.filter(isShown))),
    ];
}

/** The SDK tells the engine of every value in messages for debugging, which the engine shows with `--debug` only. */
function isShown({ diagnosticEvent }: Run["events"][number]): boolean {
    return diagnosticEvent?.severity !== "debug";
}

/** What the engine leaves on the operator's machine, the state first, and what the lab itself logs. */
async function inPlainFiles(lab: LabMesh, search: SecretSearch): Promise<Leak[]> {
    const { folder } = lab.lab;
    // Not TMPDIR: the Kubernetes provider leaves the kubeconfig there, readable by its owner alone.
    const parts = ["engine/state", "engine/stack", "engine/home", "log"];
    return search.inFiles(lab, parts.map((part) => join(folder, part)).join(" "));
}

/** Logs of SSH, systemd, RKE2, the kubelet and pods. */
async function inLogs(lab: LabMesh, search: SecretSearch): Promise<Leak[]> {
    const patterns = lab.lab.hosts.flatMap(({ name }) => [
        `${diskOf(lab, name)}/var/log`,
        `${diskOf(lab, name)}/var/lib/rancher/rke2/*/logs`,
    ]);
    return search.inFiles(lab, patterns.join(" "));
}

async function caOnDisks(lab: LabMesh, search: SecretSearch): Promise<Leak[]> {
    return search.inFiles(lab, lab.lab.hosts.map(({ name }) => diskOf(lab, name)).join(" "));
}

/** What a host has on its disk that the image does not have, as the lab sees it. */
function diskOf(lab: LabMesh, host: string): string {
    return join(lab.lab.folder, "hosts", host, "upper");
}

const objects = z.object({
    items: z.array(
        z.looseObject({
            type: z.string().optional(),
            metadata: z.looseObject({ name: z.string(), namespace: z.string() }),
            data: z.record(z.string(), z.string()).default({}),
        }),
    ),
});

async function inCluster(
    lab: LabMesh,
    cluster: string,
    { all, ca }: { readonly all: SecretSearch; readonly ca: SecretSearch },
): Promise<Leak[]> {
    const list = async (kind: string) => {
        const text = await lab.kubectl(cluster, "get", kind, "--all-namespaces", "--output", "json");
        return objects.parse(JSON.parse(text)).items;
    };
    const [configMaps, secrets] = [await list("configmaps"), await list("secrets")];
    return [
        ...configMaps.flatMap((object) =>
            all.inText(`the ConfigMap ${nameOf(object)} of ${cluster}`, JSON.stringify(object)),
        ),
        ...secrets.flatMap((object) => {
            const release = object.type === "helm.sh/release.v1" ? object.data["release"] : undefined;
            return release === undefined
                ? ca.inText(`the Secret ${nameOf(object)} of ${cluster}`, JSON.stringify(object))
                : // The chart, its values, and all that was rendered.
                  all.inText(`the Helm release ${nameOf(object)} of ${cluster}`, releaseText(release));
        }),
    ];
}

function nameOf({ metadata }: z.infer<typeof objects>["items"][number]): string {
    return `${metadata.namespace}/${metadata.name}`;
}
