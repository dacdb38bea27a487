import { describe, expect, test } from "vitest";

import type { JsonValue } from "../../../model/resolved.ts";
import { rke2ConfigProblems, rke2Knows } from "../../../model/support/rke2-keys.ts";

describe("RKE2's keys", () => {
    test.each([
        ["server", "tls-san", true],
        ["agent", "tls-san", false],
        ["server", "kubelet-arg", true],
        ["agent", "kubelet-arg", true],
        ["server", "token-file", true],
        ["agent", "token-file", true],
        ["server", "constructor", false],
        ["server", "kubelet-args", false],
    ] as const)("whether a %s knows %s: %s", (role, key, known) => {
        expect(rke2Knows(role, key)).toBe(known);
    });
});

describe("a user's keys", () => {
    test("that RKE2 knows and this program does not set are right", () => {
        const config = {
            profile: "cis",
            "kubelet-arg": ["max-pods=200"],
            debug: true,
            "etcd-snapshot-retention": 3,
            "tls-san": ["east.example.org"],
            "ingress-controller": "traefik",
            "etcd-s3-config-secret": "s3",
            "cluster-dns": "10.11.0.53",
        };
        expect(rke2ConfigProblems(config, "rke2.config")).toEqual([]);
    });

    test("that no one knows are refused, with the one that was probably meant", () => {
        expect(rke2ConfigProblems({ "kubelet-args": [], xyz: 1, constructor: "x" }, "rke2.config")).toEqual([
            {
                path: "rke2.config.kubelet-args",
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "write kubelet-arg",
            },
            {
                path: "rke2.config.xyz",
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "leave it out",
            },
            {
                path: "rke2.config.constructor",
                rule: "is no key of RKE2's config.yaml, and RKE2 would go on without it",
                fix: "leave it out",
            },
        ]);
    });

    test.each([
        [{ token: "hunter2" }, "this program sets it", "set the cluster's token"],
        [
            { "agent-token": "hunter2" },
            "is a secret, and config.yaml is shown in previews",
            "leave it out: agents join with the cluster's token",
        ],
        [
            { "etcd-s3-secret-key": "hunter2" },
            "is a secret, and config.yaml is shown in previews",
            "set rke2.snapshots.s3",
        ],
        [{ cni: "canal" }, "this program sets it", "leave it out: cilium.chart decides who installs Cilium"],
        [
            { "node-external-ip": "203.0.113.1" },
            "differs from node to node, and stands here for all of them",
            "set it in the node's config",
        ],
        [
            { "private-registry": "/etc/rancher/rke2/registries.yaml" },
            "names another file than the registries.yaml of this program",
            "leave it out: rke2.registries writes that file",
        ],
        [
            { "disable-etcd": true },
            "takes a part away that this program counts on",
            "leave it out: every server runs the whole control plane",
        ],
        [
            { "datastore-endpoint": "postgres://user:hunter2@db" },
            "is for an external datastore, and this program runs etcd on the servers",
            "leave it out",
        ],
        [
            { "lb-server-port": 7000 },
            "moves the local port of the API, which Cilium finds at localhost:6443",
            "leave it out, or free that port on the hosts",
        ],
    ])("that this program answers for are refused, without their value: %j", (config, rule, fix) => {
        expect(rke2ConfigProblems(config, "config")).toEqual([
            { path: `config.${Object.keys(config).join()}`, rule, fix },
        ]);
    });

    test.each([
        "agent-token-file advertise-address cluster-cidr cluster-domain cluster-reset cluster-reset-restore-path",
        "config data-dir datastore-cafile datastore-certfile datastore-keyfile disable-agent disable-apiserver",
        "disable-controller-manager disable-kube-proxy disable-scheduler enable-servicelb etcd-s3-access-key",
        "etcd-s3-session-token node-external-dns node-internal-dns node-ip node-label node-name",
        "node-name-from-cloud-provider-metadata node-taint server service-cidr token-file with-node-id",
        "write-kubeconfig write-kubeconfig-group write-kubeconfig-mode write-kubeconfig-name",
    ])("that this program answers for are all keys of RKE2: %s", (keys) => {
        for (const key of keys.split(" ")) {
            expect(rke2Knows("server", key), key).toBe(true);
            expect(rke2ConfigProblems({ [key]: "x" }, "config"), key).toHaveLength(1);
        }
    });

    const NESTED: Record<string, JsonValue>[] = [
        { profile: null },
        { "kubelet-arg": { "max-pods": 200 } },
        { "kubelet-arg": [["a=b"]] },
    ];
    test.each(NESTED)("hold settings or lists of settings: not %j", (config) => {
        expect(rke2ConfigProblems(config, "config")).toEqual([
            {
                path: `config.${Object.keys(config).join()}`,
                rule: "must be a string, a number, a boolean or a list of them",
                fix: 'write settings of its own as a list, as ["key=value"]',
            },
        ]);
    });

    const ARGUMENTS = [
        ["kube-controller-manager-arg", "cluster-cidr=10.0.0.0/8", "cluster-cidr", "set podCidr"],
        [
            "kube-apiserver-arg",
            "--service-cluster-ip-range=10.0.0.0/8",
            "service-cluster-ip-range",
            "set serviceCidr",
        ],
        ["kubelet-arg", "cluster-domain=x", "cluster-domain", "set clusterDomain"],
        ["kubelet-arg", "cluster-dns=10.0.0.1", "cluster-dns", "set rke2.config.cluster-dns"],
        [
            "kube-apiserver-arg",
            "service-node-port-range=1-2",
            "service-node-port-range",
            "set rke2.config.service-node-port-range",
        ],
        ["kubelet-arg", "node-ip+=10.0.0.1", "node-ip", "set the node's address"],
        [
            "kube-apiserver-arg",
            "advertise-address=10.0.0.1",
            "advertise-address",
            "leave it out: it is the node's address",
        ],
        ["kubelet-arg", "hostname-override=x", "hostname-override", "rename the node: its name is its key"],
        ["kubelet-arg", "node-labels=a=b", "node-labels", "set the node's labels"],
        ["kubelet-arg", "register-with-taints=a:NoExecute", "register-with-taints", "set the node's taints"],
    ] as const;
    test.each(ARGUMENTS)("cannot set through %s what this program sets: %s", (key, argument, name, fix) => {
        for (const value of [argument, ["v=2", argument]]) {
            expect(rke2ConfigProblems({ [key]: value }, "config")).toEqual([
                { path: `config.${key}`, value: `"${name}"`, rule: "sets what this program sets", fix },
            ]);
        }
    });

    test.each(["node-cidr-mask-size", "node-cidr-mask-size-ipv4", "node-cidr-mask-size-ipv6"])(
        "cannot change how many addresses a node gets: %s",
        (name) => {
            const config = { "kube-controller-manager-arg": [`${name}=25`, "node-cidr-mask-sizes"] };
            expect(rke2ConfigProblems(config, "config")).toEqual([
                {
                    path: "config.kube-controller-manager-arg",
                    value: `"${name}"`,
                    rule: "changes how many addresses a node gets: this program counts a /24 and a /64 for each",
                    fix: "leave it out, and make podCidr large enough",
                },
            ]);
        },
    );

    const VALUES: readonly [string, JsonValue, string, string][] = [
        [
            "profile",
            "cis-1.23",
            'must be "cis" or "etcd": RKE2 stops at any other one',
            'write "cis", or leave it out',
        ],
        [
            "ingress-controller",
            "nginx",
            "must be none, traefik or ingress-nginx",
            'write "traefik", or leave it out for none',
        ],
        [
            "ingress-controller",
            ["traefik", "haproxy"],
            "must be none, traefik or ingress-nginx",
            'write "traefik", or leave it out for none',
        ],
        [
            "ingress-controller",
            "traefik, ingress-nginx",
            "must have no space at its commas: RKE2 takes it for a part of the name",
            'write it as a list, as ["traefik", "ingress-nginx"]',
        ],
        [
            "secrets-encryption-provider",
            "kms",
            "must be aescbc or secretbox",
            'write "secretbox", or leave it out for aescbc',
        ],
        ["secrets-encryption", false, "is always on in RKE2, whatever stands here", "leave it out"],
        [
            "egress-selector-mode",
            "agents",
            "must be agent, cluster, pod or disabled: RKE2 stops at any other one",
            'write "cluster", or leave it out for agent',
        ],
        [
            "etcd-s3-bucket-lookup-type",
            "url",
            "must be auto, dns or path",
            'write "path", or leave it out for auto',
        ],
        [
            "audit-policy-file",
            "audit.yaml",
            "must be an absolute path on the host",
            'write it as "/etc/rancher/rke2/audit-policy.yaml"',
        ],
        [
            "pod-security-admission-config-file",
            "./psa.yaml",
            "must be an absolute path on the host",
            'write it as "/etc/rancher/rke2/psa.yaml"',
        ],
        ["service-node-port-range", "30000", "must be a range of ports", 'write it as "30000-32767"'],
        ["service-node-port-range", "32767-30000", "must be a range of ports", 'write it as "30000-32767"'],
        ["service-node-port-range", "0-70000", "must be a range of ports", 'write it as "30000-32767"'],
    ];
    test.each(VALUES)("have values that RKE2 takes: %s is not %j", (key, value, rule, fix) => {
        expect(rke2ConfigProblems({ [key]: value }, "config")).toEqual([
            { path: `config.${key}`, value: JSON.stringify(value), rule, fix },
        ]);
    });

    const RIGHT: Record<string, JsonValue>[] = [
        { profile: "etcd" },
        // A cluster leaves the profile of all clusters with it.
        { profile: "" },
        { "secrets-encryption-provider": "aescbc" },
        { "secrets-encryption-provider": "secretbox" },
        { "secrets-encryption": true },
        { "egress-selector-mode": "disabled" },
        { "etcd-s3-bucket-lookup-type": "path" },
        { "etcd-s3-bucket-lookup-type": "" },
        { "audit-policy-file": "/etc/rancher/rke2/audit.yaml" },
        { "audit-policy-file": "" },
        { "pod-security-admission-config-file": "/etc/rancher/rke2/psa.yaml" },
        { "ingress-controller": "none" },
        { "ingress-controller": ["traefik", "ingress-nginx"] },
        { "ingress-controller": "traefik,ingress-nginx" },
        { "service-node-port-range": "20000-40000" },
        { "kubelet-arg": "max-pods=200" },
    ];
    test.each(RIGHT)("have values that RKE2 takes: %j", (config) => {
        expect(rke2ConfigProblems(config, "config")).toEqual([]);
    });
});
