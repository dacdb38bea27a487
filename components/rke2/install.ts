import { show, type Problem } from "../../model/problem.ts";
import type { Install } from "../../model/resolved.ts";
import { artifacts, type Artifacts } from "./artifacts.ts";

/** Where RKE2's install script comes from, unless told otherwise. */
export const INSTALL_URL = "https://get.rke2.io";

interface Installation {
    readonly version: string;
    /** For the tarball and for packages. @default INSTALL_URL */
    readonly installUrl?: string;
    /** How it comes onto the hosts. @default - the tarball */
    readonly install?: Install;
}

/** What is wrong with how RKE2 is to be installed. */
export function installProblems({
    version,
    installUrl = INSTALL_URL,
    install = { method: "tar" },
}: Installation): Problem[] {
    return [
        ...(/^v1\.\d+\.\d+\+rke2r\d+$/.test(version)
            ? []
            : [
                  {
                      path: "version",
                      value: show(version),
                      rule: "must be the tag of an RKE2 release",
                      fix: 'write it as "v1.35.7+rke2r1"',
                  },
              ]),
        ...(install.method === "air-gap"
            ? [...urlProblems(install.artifacts), ...found(install.artifacts).problems]
            : httpsProblems("installUrl", installUrl, INSTALL_URL)),
    ];
}

/**
 * What parts/install.sh is told of an installation without problems. Files that are brought from this machine lie in a folder
 * of the host.
 */
export function installVariables(
    { installUrl = INSTALL_URL, install = { method: "tar" } }: Omit<Installation, "version">,
    folderOnHost: string,
): Record<string, string> {
    switch (install.method) {
        case "tar":
            return { METHOD: "tar", INSTALL_URL: installUrl };
        case "rpm":
            return { METHOD: "rpm", INSTALL_URL: installUrl, CHANNEL: install.channel };
        case "air-gap":
            return {
                METHOD: "air-gap",
                ARTIFACTS: found(install.artifacts)
                    .files.map(({ name, sha256 }) => `${sha256} ${name}`)
                    .join("\n"),
                ...("url" in install.artifacts
                    ? { ARTIFACTS_URL: install.artifacts.url.replace(/\/+$/, "") }
                    : { ARTIFACTS_DIR: folderOnHost }),
            };
    }
}

type Where = Extract<Install, { method: "air-gap" }>["artifacts"];

function found(where: Where): Artifacts {
    return "url" in where
        ? artifacts(where.checksums, "install.artifacts.checksums", { elsewhere: true })
        : artifacts(where.directory, "install.artifacts.directory");
}

function urlProblems(where: Where): Problem[] {
    return "url" in where
        ? httpsProblems("install.artifacts.url", where.url, "https://files.example.net/rke2/v1.35.7")
        : [];
}

function httpsProblems(path: string, url: string, example: string): Problem[] {
    return /^https:\/\/\S+$/.test(url)
        ? []
        : [
              {
                  path,
                  value: show(url),
                  rule: "must begin with https://, as what it answers runs as root",
                  fix: `write it as "${example}"`,
              },
          ];
}
