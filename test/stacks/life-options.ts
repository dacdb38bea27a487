/*
 * A mesh whose clusters use every option of RKE2's life between them, so that one that is dropped, mixed up or handed to
 * another cluster on its way to the hosts shows. Its artifacts are small files that the module makes, and `removeArtifacts`
 * removes.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { fromConfig, type ClusterDescription, type MeshDescription } from "../../model/describe.ts";
import { hostKeyOf, oneCluster } from "../support/mesh.ts";
import { deployed } from "../support/program.ts";

/** Where the files for hosts without a way out lie. */
export const ARTIFACTS = mkdtempSync(join(tmpdir(), "life-options-"));

/** The files, as a host is told of them. */
export const ARTIFACT_LINES = ((): string => {
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    const files = {
        "install.sh": "script",
        "rke2-images-core.linux-amd64.tar.zst": "images",
        "rke2.linux-amd64.tar.gz": "tarball",
        "sha256sum-amd64.txt": `${hash("images")}  rke2-images-core.linux-amd64.tar.zst\n${hash("tarball")}  rke2.linux-amd64.tar.gz\n`,
    };
    for (const [name, text] of Object.entries(files)) writeFileSync(join(ARTIFACTS, name), text);
    return Object.entries(files)
        .map(([name, text]) => `${hash(text)} ${name}`)
        .join("\n");
})();

function nodes(
    cluster: string,
    id: number,
    numbers: readonly number[],
): NonNullable<ClusterDescription["servers"]> {
    return Object.fromEntries(
        numbers.map((number) => [
            `${cluster}-${number}`,
            {
                address: `192.168.${id}0.1${number}`,
                ssh: { hostKey: hostKeyOf(`${cluster}-${number}`) },
            },
        ]),
    );
}

/** Three servers that hold their address themselves, hosts that get files from this machine, snapshots in a bucket. */
function east(): ClusterDescription {
    return {
        ...oneCluster(1, "east"),
        servers: nodes("east", 1, [1, 2, 3]),
        agents: nodes("east", 1, [4, 5]),
        apiAddress: "192.168.10.10",
        kubeVip: { interface: "eth1", image: "registry.example.net/kube-vip:v1.2.3" },
        rke2: {
            install: { method: "air-gap", artifacts: { directory: ARTIFACTS } },
            snapshots: {
                scheduleCron: "0 */6 * * *",
                retention: 8,
                compress: true,
                s3: {
                    endpoint: "s3.example.net:9000",
                    bucket: "etcd",
                    region: "eu-north-1",
                    accessKey: fromConfig("s3AccessKey"),
                    secretKey: fromConfig("s3SecretKey"),
                },
            },
            rollout: { agentsAtOnce: 1, evict: "drain", drainSeconds: 300 },
        },
    };
}

/** Hosts that reach an internal address alone, a registry with passwords, and a way out. */
function west(): ClusterDescription {
    return {
        ...oneCluster(2, "west"),
        rke2: {
            install: {
                method: "air-gap",
                artifacts: { url: "https://files.example.net/rke2/", checksums: ARTIFACTS },
            },
            registries: {
                mirrors: { "docker.io": { endpoint: ["https://registry.example.net"] } },
                configs: {
                    "registry.example.net": {
                        auth: { username: "puller", password: fromConfig("registryPassword") },
                    },
                    "other.example.net": { auth: { token: fromConfig("registryToken") } },
                },
            },
            proxy: { httpsProxy: "http://proxy.example.net:3128", noProxy: [".example.net"] },
        },
    };
}

/** Packages, an open firewalld, and two hosts that no longer answer: the first server's, and an agent's. */
function north(): ClusterDescription {
    const [servers, agents] = [nodes("north", 3, [1, 2, 3]), nodes("north", 3, [4, 5])];
    for (const lost of [servers["north-1"], agents["north-5"]]) if (lost !== undefined) lost.lost = true;
    return {
        ...oneCluster(3, "north"),
        servers,
        agents,
        apiAddress: "api.north.example.net",
        rke2: {
            install: { method: "rpm", channel: "stable" },
            installUrl: "https://mirror.example.net/rke2.sh",
            host: { firewalld: "open", trustedCidrs: ["10.0.0.0/8"], ignore: ["memory"] },
        },
    };
}

/** The CIS profile, other generations, and upgrades from inside the cluster. */
function south(): ClusterDescription {
    return {
        ...oneCluster(4, "south"),
        rke2: {
            config: { profile: "cis" },
            tokenGeneration: 2,
            certificateGeneration: 3,
            upgrade: { by: "system-upgrade-controller" },
            host: { prepare: false, firewalld: "leave" },
            rollout: { evict: "none" },
        },
    };
}

export const description: MeshDescription = {
    name: "life",
    rke2: { version: "v1.35.7+rke2r1" },
    cilium: { version: "1.19.6", policyDefaultLocalCluster: true },
    clusters: { east: east(), west: west(), north: north(), south: south() },
};

export const deployment = await deployed(description).finally(() => {
    rmSync(ARTIFACTS, { recursive: true });
});

/** The variables that stand in front of the script of a command. */
export function variablesOf(command: string): Record<string, string> {
    const { stdin } = deployment.one("command:remote:Command", command).inputs;
    const variables: Record<string, string> = {};
    let rest = typeof stdin === "string" ? stdin : "";
    for (;;) {
        const [whole, name, value] = /^([A-Z0-9_]+)='((?:[^']|'\\'')*)'\n/.exec(rest) ?? [];
        if (whole === undefined || name === undefined || value === undefined) return variables;
        variables[name] = value.replaceAll(`'\\''`, "'");
        rest = rest.slice(whole.length);
    }
}

/** The names of what a resource waits for. */
export function waitsFor(type: string, name: string): string[] {
    return deployment
        .one(type, name)
        .dependsOn.map((urn) => urn.split("::").at(-1) ?? "")
        .sort();
}
