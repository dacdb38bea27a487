import { mkdirSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";

import { RUN } from "../paths.ts";
import type { ContainerSpec, PodObject } from "../pod/pod-object.ts";
import type { Volumes } from "../volume/volumes.ts";
import { ContainerConfigError, environment, hostname, type EnvironmentSources } from "./environment.ts";
import { expand } from "./expansion.ts";
import { filesOf, knownImage, programPath, programsOf, type Image } from "./images.ts";
import { startProcess, type LiveProcess } from "./live-process.ts";

/** What a container is started in. */
export interface Launch {
    readonly spec: ContainerSpec;
    readonly volumes: Volumes;
    /** The folder of the pod's own files of /etc. */
    readonly etc: string;
    /** The pod's network namespace; `undefined` for the host's. */
    readonly network: string | undefined;
    readonly log: string;
}

const ROOT_SCRIPT = fileURLToPath(new URL("root.sh", import.meta.url));
/** Where every container's root is mounted, each in a mount namespace of its own. */
const ROOT = join(RUN, "root");

/** Starts a container's program in namespaces and with a root file system of its own. */
export async function launch(
    { spec, volumes, etc, network, log }: Launch,
    sources: EnvironmentSources,
): Promise<LiveProcess> {
    const env = await environment(spec, sources);
    const image = imageOf(spec);
    const { argv, programs } = commandLine(image, spec, env);
    mkdirSync(ROOT, { recursive: true });
    const inNetwork = network === undefined ? [] : ["/usr/bin/nsenter", `--net=${network}`, "--"];
    const inNamespaces = ["/usr/bin/unshare", "--mount", ...(network === undefined ? [] : ["--uts"]), "--"];
    const [file = "", ...args] = [
        ...inNetwork,
        ...inNamespaces,
        ...["/bin/bash", ROOT_SCRIPT, ROOT],
        ...user(spec, sources.pod),
        ...(network === undefined ? [] : ["--hostname", hostname(sources.pod)]),
        ...(spec.workingDir === "" ? [] : ["--workdir", spec.workingDir]),
        ...["--readonly", spec.securityContext.readOnlyRootFilesystem ? "yes" : "no"],
        ...["--etc", etc],
        ...[...programs, ...filesOf(image)].flatMap(({ onHost, inContainer }) => [
            "--mount",
            onHost,
            inContainer,
            "ro",
        ]),
        ...mounts(spec, volumes),
        "--",
        ...argv,
    ];
    return startProcess(file, args, { env: new Map([...Object.entries(image.env), ...env]), log });
}

function imageOf({ image }: ContainerSpec): Image {
    const known = knownImage(image);
    if (known === undefined) throw new ContainerConfigError(`the lab has no programs for the image ${image}`);
    return known;
}

function commandLine(
    known: Image,
    { image, command, args }: ContainerSpec,
    env: ReadonlyMap<string, string>,
) {
    const [first = "", ...rest] = [...(command.length > 0 ? command : known.entrypoint), ...args].map(
        (part) => expand(part, env),
    );
    const programs = programsOf(known);
    const tool = known.programs[basename(first)];
    if (tool === undefined) return { argv: [first, ...rest], programs };
    const inContainer = programPath(first);
    if (!programs.some((program) => program.inContainer === inContainer)) {
        throw new ContainerConfigError(
            `the lab was given no "${tool}" for ${image}: see /etc/lab/tools.json`,
        );
    }
    return { argv: [inContainer, ...rest], programs };
}

function user(
    { securityContext: own }: ContainerSpec,
    { spec: { securityContext: pods } }: PodObject,
): string[] {
    const uid = own.runAsUser ?? pods.runAsUser ?? 0;
    const gid = own.runAsGroup ?? pods.runAsGroup ?? 0;
    const groups = [gid, ...pods.supplementalGroups, ...(pods.fsGroup === undefined ? [] : [pods.fsGroup])];
    return ["--user", `+${uid}:+${gid}`, "--groups", groups.map((group) => `+${group}`).join(",")];
}

function mounts({ volumeMounts }: ContainerSpec, volumes: Volumes): string[] {
    return volumeMounts.flatMap(({ name, mountPath, subPath, readOnly }) => [
        "--mount",
        join(volumes.path(name), subPath),
        mountPath,
        readOnly ? "ro" : "rw",
    ]);
}
