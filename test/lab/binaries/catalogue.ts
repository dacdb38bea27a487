import { readFileSync } from "node:fs";

import { z } from "zod";

import { SETS } from "./go-sets.ts";
import type { InstalledCommand, InstalledPlugin, Program } from "./program.ts";
import {
    etcdRelease,
    helmRelease,
    kubernetesProviderRelease,
    kubernetesRelease,
    pulumiRelease,
} from "./releases.ts";
import { anyVersion, exactly, minors, since, type VersionRule } from "./version-rule.ts";

/** The versions of Pulumi's SDKs: what is downloaded follows them. */
const { dependencies: SDK } = z
    .object({
        dependencies: z.object({
            "@pulumi/pulumi": z.string(),
            "@pulumi/kubernetes": z.string(),
            "@pulumi/tls": z.string(),
            "@pulumi/command": z.string(),
        }),
    })
    .parse(JSON.parse(readFileSync(new URL("../../../package.json", import.meta.url), "utf8")));

const KUBERNETES = SETS.kubernetes.version;
const CILIUM = SETS.cilium.version;
const GOBGP = SETS.gobgp.version;
/** Where Debian's packages are not to be had. The lab uses nothing that Debian's own 3.4 lacks. */
const ETCD = "3.5.21";

/** Cilium's programs print their version first and Go's after it. */
const CILIUM_SAYS = /^Cilium[ -]\S+ v?(\d+\.\d+\.\d+)/m;

function command(rule: VersionRule, ask: readonly string[]): InstalledCommand {
    return { kind: "command", rule, ask };
}

function plugin(name: string, version: string): InstalledPlugin {
    return { kind: "plugin", plugin: name, version };
}

/** Every program the lab runs. */
export const PROGRAMS = [
    {
        name: "pulumi",
        installed: command(since(SDK["@pulumi/pulumi"]), ["version"]),
        release: pulumiRelease(SDK["@pulumi/pulumi"]),
        build: { set: "engine", package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi" },
    },
    {
        name: "pulumi-resource-kubernetes",
        installed: plugin("kubernetes", SDK["@pulumi/kubernetes"]),
        release: kubernetesProviderRelease(SDK["@pulumi/kubernetes"]),
        build: { set: "kubernetes-provider", package: "lab/kubernetes-provider" },
    },
    {
        name: "helm",
        installed: command(since("3.0.0"), ["version", "--short"]),
        release: helmRelease(SETS.helm.version),
        build: { set: "helm", package: "helm.sh/helm/v3/cmd/helm" },
    },
    {
        name: "kube-apiserver",
        installed: command(exactly(KUBERNETES), ["--version"]),
        release: kubernetesRelease("kube-apiserver", KUBERNETES),
        build: { set: "kubernetes", package: "k8s.io/kubernetes/cmd/kube-apiserver" },
    },
    {
        name: "kube-controller-manager",
        installed: command(exactly(KUBERNETES), ["--version"]),
        release: kubernetesRelease("kube-controller-manager", KUBERNETES),
        build: { set: "kubernetes", package: "k8s.io/kubernetes/cmd/kube-controller-manager" },
    },
    {
        name: "kube-scheduler",
        installed: command(exactly(KUBERNETES), ["--version"]),
        release: kubernetesRelease("kube-scheduler", KUBERNETES),
        build: { set: "kubernetes", package: "k8s.io/kubernetes/cmd/kube-scheduler" },
    },
    {
        name: "kubectl",
        // Kubernetes supports a client that is one minor version away from the server.
        installed: command(minors("1.34", "1.36"), ["version", "--client"]),
        release: kubernetesRelease("kubectl", KUBERNETES),
        build: { set: "kubernetes", package: "k8s.io/kubernetes/cmd/kubectl" },
    },
    {
        // Cilium publishes its programs as images only.
        name: "cilium-operator",
        installed: { ...command(exactly(CILIUM), ["--version"]), answer: CILIUM_SAYS },
        build: { set: "cilium", package: "github.com/cilium/cilium/operator" },
    },
    {
        name: "clustermesh-apiserver",
        installed: { ...command(exactly(CILIUM), ["version"]), answer: CILIUM_SAYS },
        build: { set: "cilium", package: "github.com/cilium/cilium/clustermesh-apiserver" },
    },
    // It has no way to tell its version.
    { name: "metallb-controller", build: { set: "metallb", package: "go.universe.tf/metallb/controller" } },
    {
        name: "gobgpd",
        installed: command(since(GOBGP), ["--version"]),
        build: { set: "gobgp", package: "github.com/osrg/gobgp/v3/cmd/gobgpd" },
    },
    {
        name: "gobgp",
        installed: command(since(GOBGP), ["--version"]),
        build: { set: "gobgp", package: "github.com/osrg/gobgp/v3/cmd/gobgp" },
    },
    {
        name: "etcd",
        installed: command(since("3.4.0"), ["--version"]),
        release: etcdRelease("etcd", ETCD),
        debian: "etcd-server",
    },
    {
        name: "etcdctl",
        installed: command(since("3.4.0"), ["version"]),
        release: etcdRelease("etcdctl", ETCD),
        debian: "etcd-client",
    },
    { name: "sshd", installed: command(anyVersion, ["-V"]), debian: "openssh-server" },
    { name: "ssh", installed: command(anyVersion, ["-V"]), debian: "openssh-client" },
    { name: "ip", installed: command(anyVersion, ["-V"]), debian: "iproute2" },
    { name: "nsenter", installed: command(anyVersion, ["--version"]), debian: "util-linux" },
    { name: "unshare", installed: command(anyVersion, ["--version"]), debian: "util-linux" },
    { name: "flock", installed: command(anyVersion, ["--version"]), debian: "util-linux" },
    { name: "curl", installed: command(anyVersion, ["--version"]), debian: "curl" },
    // The lab has stand-ins for what it uses of these two.
    { name: "pulumi-resource-tls", installed: plugin("tls", SDK["@pulumi/tls"]), optional: true },
    { name: "pulumi-resource-command", installed: plugin("command", SDK["@pulumi/command"]), optional: true },
] as const satisfies readonly Program[];

type Listed = (typeof PROGRAMS)[number];

/** The programs that the lab cannot do without. */
export type ToolName = Exclude<Listed, { readonly optional: true }>["name"];

/** The programs that the lab uses where they are installed. */
export type OptionalToolName = Extract<Listed, { readonly optional: true }>["name"];
