import { expect, test } from "vitest";

import { etcdTag, knownRelease, refuseNewerKubelet, refuseSkew } from "./version.ts";

test.each([
    ["v1.32.11+rke2r1", "v3.5.21-k3s1-build20250612"],
    ["v1.33.7+rke2r1", "v3.5.21-k3s1-build20250612"],
    ["v1.33.8+rke2r1", "v3.5.26-k3s1-build20260126"],
    ["v1.34.3+rke2r1", "v3.6.5-k3s1-build20251017"],
    ["v1.36.3+rke2r1", "v3.6.7-k3s1-build20260126"],
])("%s brings etcd %s", (version, tag) => {
    expect(etcdTag(version)).toBe(tag);
});

test.each(["1.35.4", "v1.31.14+rke2r1", "v1.37.0+rke2r1", "v1.35.4", "v1.35.4+k3s1"])(
    "the lab has no RKE2 %s",
    (version) => {
        expect(knownRelease(version)).toBeUndefined();
    },
);

test("a kubelet is never newer than its servers, and may be older", () => {
    expect(() => {
        refuseNewerKubelet("v1.35.4+rke2r1", "v1.34.6+rke2r1");
    }).toThrow(
        "kubelet version v1.35.4+rke2r1 is newer than the cluster's API server v1.34.6+rke2r1: a kubelet must not be newer than kube-apiserver. Upgrade the servers first",
    );
    refuseNewerKubelet("v1.34.6+rke2r1", "v1.34.3+rke2r1");
    refuseNewerKubelet("v1.33.8+rke2r1", "v1.35.4+rke2r1");
});

const at = (version: string) => new Map([["east-1", version]]);

test.each([
    ["v1.35.4+rke2r1", "v1.33.8+rke2r1", "no minor version of Kubernetes may be skipped"],
    ["v1.33.8+rke2r1", "v1.34.3+rke2r1", "etcd: cannot downgrade: etcd 3.5 is lower than"],
    ["v1.34.3+rke2r1", "v1.33.7+rke2r1", "etcd 3.5.26 must have run before 3.6"],
])("a server %s does not go on with what %s has left", (own, before, message) => {
    expect(() => {
        refuseSkew(own, at(before));
    }).toThrow(message);
});

test.each([
    ["v1.34.3+rke2r1", "v1.33.8+rke2r1"],
    ["v1.35.4+rke2r1", "v1.34.3+rke2r1"],
    ["v1.33.8+rke2r1", "v1.33.7+rke2r1"],
    ["v1.34.3+rke2r1", "v1.35.4+rke2r1"],
])("a server %s goes on with what %s has left", (own, before) => {
    refuseSkew(own, at(before));
});
