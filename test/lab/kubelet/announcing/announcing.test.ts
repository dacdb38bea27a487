import { describe, expect, test } from "vitest";

import {
    ADDRESS_POOL,
    ciliumAnnounces,
    L2_ADVERTISEMENT,
    L2_POLICY,
    metalLbAnnounces,
} from "./announcement.ts";
import { announcerKind } from "./agents.ts";
import { podObject } from "../pod/pod-fixture.ts";
import { selects, SELECTOR } from "./selector.ts";
import {
    balancedAddresses,
    ENDPOINT_SLICE,
    holderOf,
    SERVICE,
    shiftedPorts,
    slicesOf,
} from "./service-objects.ts";

const service = SERVICE.parse({
    metadata: {
        uid: "s",
        name: "mesh",
        namespace: "kube-system",
        labels: { a: "b" },
        annotations: { "metallb.io/ip-allocated-from-pool": "mesh" },
    },
    spec: { type: "LoadBalancer", ports: [{ port: 2379 }] },
    status: { loadBalancer: { ingress: [{ ip: "10.88.1.200" }] } },
});

function slice(name: string, endpoints: readonly unknown[], port = 2379) {
    return ENDPOINT_SLICE.parse({
        metadata: {
            uid: name,
            name,
            namespace: "kube-system",
            labels: { "kubernetes.io/service-name": "mesh" },
        },
        endpoints,
        ports: [{ name: "", port }],
    });
}

const endpoint = (name: string, ready?: boolean) => ({
    conditions: { ready },
    targetRef: { kind: "Pod", name, uid: `uid-of-${name}` },
});

describe("who answers at the address of a Service", () => {
    test("is the first ready pod of all its slices", () => {
        const slices = [slice("x", [endpoint("c"), endpoint("a", false)]), slice("y", [endpoint("b", true)])];
        expect(holderOf(slicesOf(service, slices))).toBe("uid-of-b");
        expect(holderOf([slice("x", [endpoint("a", false)])])).toBeUndefined();
        expect(balancedAddresses(service)).toEqual(["10.88.1.200"]);
    });

    test("is reached where the ports are the same", () => {
        expect(shiftedPorts(service, [slice("x", [])])).toEqual([]);
        expect(shiftedPorts(service, [slice("x", [], 12379)])).toEqual([2379]);
    });
});

describe("MetalLB", () => {
    const pools = [ADDRESS_POOL.parse({ metadata: { uid: "p", name: "mesh", labels: { zone: "a" } } })];
    const announces = (spec: unknown) =>
        metalLbAnnounces(
            service,
            [L2_ADVERTISEMENT.parse({ metadata: { uid: "l", name: "l2" }, spec })],
            pools,
            ["eth0"],
        );

    test.each([
        [{ ipAddressPools: ["mesh"], interfaces: ["eth0"] }, true],
        [{}, true],
        [{ ipAddressPoolSelectors: [{ matchLabels: { zone: "a" } }] }, true],
        [{ ipAddressPools: ["other"] }, false],
        [{ ipAddressPoolSelectors: [{ matchLabels: { zone: "b" } }] }, false],
        [{ ipAddressPools: ["mesh"], interfaces: ["eth1"] }, false],
    ])("with %j: %s", (spec, announced) => {
        expect(announces(spec)).toBe(announced);
    });

    test("says nothing of an address from a pool it does not know", () => {
        expect(metalLbAnnounces(service, [], pools, ["eth0"])).toBe(false);
    });
});

describe("Cilium", () => {
    const announces = (spec: unknown) =>
        ciliumAnnounces(service, [L2_POLICY.parse({ metadata: { uid: "l", name: "l2" }, spec })], ["eth0"]);

    test.each([
        [{ loadBalancerIPs: true }, true],
        [{ loadBalancerIPs: true, interfaces: ["^eth[0-9]+"] }, true],
        [{ loadBalancerIPs: true, serviceSelector: { matchLabels: { a: "b" } } }, true],
        [{ externalIPs: true }, false],
        [{ loadBalancerIPs: true, interfaces: ["^ens"] }, false],
        [{ loadBalancerIPs: true, serviceSelector: { matchLabels: { a: "c" } } }, false],
    ])("with %j: %s", (spec, announced) => {
        expect(announces(spec)).toBe(announced);
    });
});

test.each([
    [{ key: "a", operator: "In", values: ["b"] }, true],
    [{ key: "a", operator: "NotIn", values: ["b"] }, false],
    [{ key: "a", operator: "Exists" }, true],
    [{ key: "a", operator: "DoesNotExist" }, false],
    [{ key: "c", operator: "NotIn", values: ["b"] }, true],
])("the selector %j selects: %s", (expression, selected) => {
    expect(selects(SELECTOR.parse({ matchExpressions: [expression] }), { a: "b" })).toBe(selected);
});

test("only the pods of agents and speakers announce", () => {
    const pod = (image: string, kind: string) => {
        const { metadata, ...rest } = podObject({ containers: [{ name: "one", image }] });
        return announcerKind({ ...rest, metadata: { ...metadata, ownerReferences: [{ kind, name: "x" }] } });
    };
    expect(pod("quay.io/metallb/speaker:v0.16.2", "DaemonSet")).toBe("metallb");
    expect(pod("quay.io/cilium/cilium:v1.19.6@sha256:abc", "DaemonSet")).toBe("cilium");
    expect(pod("quay.io/cilium/cilium:v1.19.6", "Job")).toBeUndefined();
    expect(pod("quay.io/cilium/cilium-envoy:v1", "DaemonSet")).toBeUndefined();
});
