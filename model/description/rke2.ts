import { z } from "zod";

import { HOST_FINDINGS, isHostFinding } from "../support/host-findings.ts";
import { cidr } from "./scalars.ts";
import { secretRef } from "./secret.ts";
import { strict, text, withoutUser } from "./strict.ts";

const version = text(
    (value) => /^v1\.\d+\.\d+\+rke2r\d+$/.test(value),
    "must be the tag of an RKE2 release",
    'write it as "v1.35.7+rke2r1"',
);

const ONE_WORD = {
    error: "must hold no space, comma, quote or backslash: it becomes part of a line in a file that systemd reads",
    params: {
        fix: "write one name, address or range in each item, and other characters of an address as %20",
    },
};

const httpsUrl = (example: string) =>
    withoutUser(z.url({ protocol: /^https$/, error: `must be an address such as "${example}"` }));

const proxyUrl = withoutUser(
    z.url({ protocol: /^https?$/, error: 'must be an address such as "http://proxy.example.net:3128"' }),
).refine(isOneWord, ONE_WORD);

/** What may stand in a line of a file that systemd reads. */
function isOneWord(value: string): boolean {
    return /^[^\s,"'\\]*$/.test(value);
}

const absolutePath = text(
    (value) => /^\/\S*$/.test(value),
    "must be an absolute path on the hosts, without spaces",
    'write it as "/etc/ssl/certs/registry.pem"',
);

/** Where files for hosts without a way out come from. */
const artifacts = z.union([
    strict({
        /** A folder on the machine that runs Pulumi; its files are copied to the hosts. */
        directory: z.string().min(1),
    }),
    strict({
        /** An internal address under which the hosts find the files of that folder. */
        url: httpsUrl("https://files.example.net/rke2/v1.35.7"),
        /** A folder on the machine that runs Pulumi with the same files, or with `sha256sum-<arch>.txt` and `install.sh` alone: what the hosts' files must be. */
        checksums: z.string().min(1),
    }),
]);

/** How RKE2 comes onto the hosts. */
export const install = z.discriminatedUnion("method", [
    strict({
        /** The tarball, below /usr/local, on every distribution. */
        method: z.literal("tar"),
    }),
    strict({
        /** Packages of rpm.rancher.io, on distributions with dnf, yum or zypper. They bring RKE2's SELinux policy, and restart a running node when they change. */
        method: z.literal("rpm"),
        /** The package repository, which must have the version: a release is in `latest` at once, in `stable` weeks later. @default "latest" */
        channel: z.enum(["stable", "latest", "testing"]).optional(),
    }),
    strict({
        /** Files brought along: `install.sh`, `rke2.linux-<arch>.tar.gz`, `sha256sum-<arch>.txt` and archives of images. Every file is verified on the host before anything of it runs. */
        method: z.literal("air-gap"),
        /** Where the files are. */
        artifacts,
    }),
]);

const mirror = strict({
    /** Where images of the registry are pulled from, in this order. @default - from other nodes alone, with an embedded registry */
    endpoint: z
        .array(z.url({ protocol: /^https?$/ }))
        .min(1)
        .optional(),
    /** Image names that are changed on the way: a regular expression, and what takes its place. @default - none */
    rewrite: z.record(z.string(), z.string()).optional(),
});

const registryConfig = strict({
    /** How containerd logs in. @default - it does not */
    auth: strict({
        /** The user. @default - none */
        username: z.string().min(1).optional(),
        /** The user's password. @default - none */
        password: secretRef.optional(),
        /** A token instead of user and password. @default - none */
        token: secretRef.optional(),
    }).optional(),
    /** How the registry is trusted. Files are on the hosts. @default - by the hosts' own store */
    tls: strict({
        /** The CA's certificate. @default - none */
        caFile: absolutePath.optional(),
        /** The client's certificate. @default - none */
        certFile: absolutePath.optional(),
        /** The client's key. @default - none */
        keyFile: absolutePath.optional(),
        /** Trust whoever answers. @default false */
        insecureSkipVerify: z.boolean().optional(),
    }).optional(),
});

/** What containerd knows of registries: /etc/rancher/rke2/registries.yaml, on every node. A change restarts node by node. https://docs.rke2.io/install/private_registry */
export const registries = strict({
    /** Mirrors by the registry that images name, as `docker.io`, or `*` for all. @default - none */
    mirrors: z.record(z.string().min(1), mirror).optional(),
    /** Logins and trust by the registry's host, as `registry.example.net:5000`. @default - none */
    configs: z.record(z.string().min(1), registryConfig).optional(),
});

/** The way out for RKE2 and containerd. A change restarts node by node. https://docs.rke2.io/advanced#configuring-an-http-proxy */
export const proxy = strict({
    /** For http addresses. @default - none */
    httpProxy: proxyUrl.optional(),
    /** For https addresses. @default - none */
    httpsProxy: proxyUrl.optional(),
    /** Names, addresses and ranges that are asked directly, next to the cluster's own, which are always. @default - none */
    noProxy: z.array(z.string().min(1).refine(isOneWord, ONE_WORD)).optional(),
});

const hostFinding = text(
    isHostFinding,
    "is no finding of the preflight",
    `name one of: ${Object.keys(HOST_FINDINGS).join(", ")}`,
);

/** What is done to hosts before RKE2 comes, and undone when it goes. */
export const hostPreparation = strict({
    /** Set kernel parameters, load modules, and keep NetworkManager, networkd and cloud scripts away from Cilium's interfaces. @default true */
    prepare: z.boolean().optional(),
    /** firewalld: switched off, opened for just what the cluster needs, or left as it is (and refused by the preflight if it runs). RKE2 and Cilium both advise against it. @default "off" */
    firewalld: z.enum(["off", "open", "leave"]).optional(),
    /** Ranges that may reach the nodes' open ports when firewalld is `open`. @default - the node ranges of the mesh */
    trustedCidrs: z.array(cidr).optional(),
    /** Findings of the preflight that do not stop anything, by their names, as `memory`. They are still shown. @default - none */
    ignore: z.array(hostFinding).optional(),
});

/** How a change goes from node to node: servers one by one, then agents. */
export const rollout = strict({
    /** How many agents are made, restarted or upgraded at once: 1 to 50. @default 10 */
    agentsAtOnce: z.int().min(1).max(50).optional(),
    /** What happens to a node's pods before its RKE2 is upgraded: nothing new comes (`cordon`), they move elsewhere within their disruption budgets (`drain`), or nothing. They go on running through the restart. A node that is removed is always drained. @default "cordon" */
    evict: z.enum(["none", "cordon", "drain"]).optional(),
    /** How long draining a node may take, in seconds. @default 600 */
    drainSeconds: z.int().min(1).max(3600).optional(),
});

/** Snapshots of etcd on every server. https://docs.rke2.io/datastore/backup_restore */
export const snapshots = strict({
    /** When, in the server's time zone, as cron writes it. @default - RKE2's own, every twelve hours */
    scheduleCron: text(
        (value) => /^(@(hourly|daily|midnight|weekly|monthly|every \S+)|(\S+\s+){4}\S+)$/.test(value),
        "must be five fields of cron",
        'write it as "0 */6 * * *"',
    ).optional(),
    /** How many are kept, on each server and in the bucket. @default 5 */
    retention: z.int().min(1).optional(),
    /** Compress them. @default false */
    compress: z.boolean().optional(),
    /** Copy them to a bucket, too. @default - they stay on the servers */
    s3: strict({
        /** The service's host, with a port if needed. */
        endpoint: z.string().regex(/^[A-Za-z0-9.-]+(:\d+)?$/, "must be a host name, without https://"),
        /** The bucket, which must exist. */
        bucket: z.string().min(3).max(63),
        /** The region. @default "us-east-1" */
        region: z.string().min(1).optional(),
        /** The folder in the bucket. @default - the cluster's name */
        folder: z.string().min(1).optional(),
        /** The access key. */
        accessKey: secretRef,
        /** Its secret. */
        secretKey: secretRef,
    }).optional(),
});

/** Who upgrades RKE2. https://docs.rke2.io/upgrades/automated_upgrade */
export const upgrade = z.discriminatedUnion("by", [
    strict({
        /** This program over SSH: servers one by one, then agents; `up` ends when all nodes run the version. */
        by: z.literal("ssh"),
    }),
    strict({
        /** Rancher's system-upgrade-controller, which this program installs: it changes the nodes from inside the cluster, and `up` waits for it. */
        by: z.literal("system-upgrade-controller"),
    }),
]);

const shape = {
    /** The release to run. A later one upgrades node by node; never more than one minor at a time, and never back. */
    version,
    /** Further keys of config.yaml, on every node; keys that this program sets are refused. @default - none */
    config: z.record(z.string(), z.json()).optional(),
    /** Where the install script comes from, for the methods `tar` and `rpm`. @default "https://get.rke2.io" */
    installUrl: httpsUrl("https://get.rke2.io").optional(),
    /** How RKE2 comes onto the hosts. @default - the tarball */
    install: install.optional(),
    /** What containerd knows of registries. @default - nothing */
    registries: registries.optional(),
    /** The way out, where there is no direct one. @default - direct */
    proxy: proxy.optional(),
    /** What is done to hosts before RKE2 comes. @default - they are prepared */
    host: hostPreparation.optional(),
    /** How a change goes from node to node. @default - servers one by one, then agents by tens */
    rollout: rollout.optional(),
    /** Snapshots of etcd. @default - RKE2's own: every twelve hours, five of them, on the servers */
    snapshots: snapshots.optional(),
    /** Raise it by one to replace the cluster's token on every node. @default 1 */
    tokenGeneration: z.int().min(1).optional(),
    /** Raise it by one to make every node's certificates anew (not the CA's). @default 1 */
    certificateGeneration: z.int().min(1).optional(),
    /** Who upgrades. @default - this program, over SSH */
    upgrade: upgrade.optional(),
} as const;

/** RKE2, for every cluster. */
export const rke2 = strict(shape);

/** What one cluster does differently. */
export const rke2Override = strict({
    ...shape,
    /** The release to run. @default - the mesh's */
    version: version.optional(),
});

/** The API's address on the servers themselves, held by kube-vip. https://kube-vip.io */
export const kubeVip = strict({
    /** The interface that gets the address. @default - the one with the default route */
    interface: z
        .string()
        .regex(/^[^\s/]{1,15}$/, "must be the name of an interface, as eth0")
        .optional(),
    /** kube-vip's image. @default "ghcr.io/kube-vip/kube-vip:v1.2.3" */
    image: z
        .string()
        .regex(/^[^\s@]+[:@]\S+$/, "must name an image and its tag or digest")
        .optional(),
});

export type Rke2Description = z.infer<typeof rke2>;
