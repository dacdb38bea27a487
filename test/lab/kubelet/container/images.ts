import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";

import { z } from "zod";

/** What gops, a part of Cilium's programs, is told in their images: a program need not be able to write to a home. */
const GOPS = { GOPS_CONFIG_DIR: "/tmp/gops" };

/** A container image that the lab has real programs for. */
export interface Image {
    /** The end of the image's name. */
    readonly name: string;
    readonly entrypoint: readonly string[];
    /** The programs in it, and what the lab calls each. */
    readonly programs: Readonly<Record<string, string>>;
    /** Files in it besides its programs, and where the lab has each. */
    readonly files: Readonly<Record<string, URL>>;
    readonly env: Readonly<Record<string, string>>;
}

const IMAGES: readonly Image[] = [
    {
        name: "operator-generic",
        entrypoint: ["/usr/bin/cilium-operator-generic"],
        programs: { "cilium-operator-generic": "cilium-operator" },
        files: {},
        env: GOPS,
    },
    {
        name: "clustermesh-apiserver",
        entrypoint: ["/usr/bin/clustermesh-apiserver"],
        programs: { "clustermesh-apiserver": "clustermesh-apiserver", etcd: "etcd", etcdctl: "etcdctl" },
        files: {
            "/var/lib/cilium/etcd-config.yaml": new URL(
                "image-files/clustermesh-apiserver/etcd-config.yaml",
                import.meta.url,
            ),
        },
        env: GOPS,
    },
    {
        name: "metallb/controller",
        entrypoint: ["/controller"],
        programs: { controller: "metallb-controller" },
        files: {},
        env: {},
    },
];

/** A file of an image: where the container has it, and where the host does. */
export interface ImageFile {
    readonly inContainer: string;
    readonly onHost: string;
}

const TOOLS = z.record(z.string(), z.string());

/** The image that a reference like `quay.io/cilium/operator-generic:v1.19.6@sha256:...` names, if the lab has its programs. */
export function knownImage(reference: string): Image | undefined {
    const [name = ""] = reference.split("@", 1);
    const path = name.replace(/:[^/]*$/, "");
    return IMAGES.find((image) => path === image.name || path.endsWith(`/${image.name}`));
}

/** The programs of an image as this host has them. It throws for one that the lab was not given. */
export function programsOf({ programs }: Image, toolsFile = "/etc/lab/tools.json"): ImageFile[] {
    const tools = TOOLS.parse(JSON.parse(readFileSync(toolsFile, "utf8")));
    return Object.entries(programs).flatMap(([name, tool]) => {
        const onHost = tools[tool];
        return onHost === undefined ? [] : [{ inContainer: programPath(name), onHost }];
    });
}

/** What else is in an image. */
export function filesOf({ files }: Image): ImageFile[] {
    return Object.entries(files).map(([inContainer, url]) => ({ inContainer, onHost: fileURLToPath(url) }));
}

/** Where a command of an image is in its container: `etcd` is found like anything on the path. */
export function programPath(command: string): string {
    const name = basename(command);
    return name === "controller" ? "/controller" : `/usr/bin/${name}`;
}
