import { describe, expect, test } from "vitest";

import { preparation, type PreparationArgs } from "../../../components/rke2/preparation.ts";

const SERVER: PreparationArgs = {
    host: { prepare: true, firewalld: "off", trustedCidrs: ["192.168.10.0/24"] },
    role: "server",
    config: {},
    method: "tar",
    insideCidrs: ["10.10.0.0/16", "10.11.0.0/16"],
    cilium: {
        routing: { mode: "tunnel", protocol: "vxlan" },
        encryption: { type: "none" },
        hubble: { enabled: false, relay: false, ui: false, metrics: [] },
    },
};

const OPEN: PreparationArgs = { ...SERVER, host: { ...SERVER.host, firewalld: "open" } };

const NATIVE: PreparationArgs["cilium"]["routing"] = {
    mode: "native",
    autoDirectNodeRoutes: true,
    endpointRoutes: false,
};

test("a plain server's host", () => {
    expect(preparation(SERVER)).toEqual({
        PREPARE: "yes",
        MODULES: "overlay\nbr_netfilter\nvxlan",
        IPV6: "no",
        FIREWALLD: "off",
        CIS: "no",
        ETCD_USER: "no",
        SELINUX: "no",
        METHOD: "tar",
        OFFLINE: "no",
    });
});

test("a host whose Services are answered by Geneve beside native routing", () => {
    const cilium = {
        ...OPEN.cilium,
        routing: NATIVE,
        serviceLoadBalancing: { mode: "dsr", dispatch: "geneve" },
    } as const;
    const { MODULES, PORTS } = preparation({ ...OPEN, cilium });
    expect(MODULES).toBe("overlay\nbr_netfilter\ngeneve");
    expect(PORTS?.split("\n")).toContain("6081/udp");
});

test("a host that is not to be prepared", () => {
    expect(preparation({ ...SERVER, host: { ...SERVER.host, prepare: false } })["PREPARE"]).toBe("no");
});

test.each<{ says: string; config: PreparationArgs["config"]; wants: Record<string, string> }>([
    { says: "the profile cis", config: { profile: "cis" }, wants: { CIS: "yes", ETCD_USER: "yes" } },
    { says: "the profile etcd", config: { profile: "etcd" }, wants: { CIS: "no", ETCD_USER: "yes" } },
    {
        says: "the kubelet's own demand",
        config: { "protect-kernel-defaults": true },
        wants: { CIS: "yes", ETCD_USER: "no" },
    },
    { says: "selinux", config: { selinux: true }, wants: { SELINUX: "yes" } },
    { says: "selinux as a word", config: { selinux: "true" }, wants: { SELINUX: "yes" } },
    { says: "no selinux", config: { selinux: false }, wants: { SELINUX: "no" } },
])("what config.yaml decides: $says", ({ config, wants }) => {
    expect(preparation({ ...SERVER, config })).toMatchObject(wants);
});

test("nothing is downloaded onto hosts without a way out, and packages bring their policy along", () => {
    expect(preparation({ ...SERVER, method: "air-gap" })).toMatchObject({
        METHOD: "air-gap",
        OFFLINE: "yes",
    });
    expect(preparation({ ...SERVER, method: "rpm" })).toMatchObject({ METHOD: "rpm", OFFLINE: "no" });
});

describe("the kernel's modules", () => {
    function modules(
        cilium: Partial<PreparationArgs["cilium"]>,
        insideCidrs = SERVER.insideCidrs,
    ): string[] | undefined {
        const variables = preparation({ ...SERVER, insideCidrs, cilium: { ...SERVER.cilium, ...cilium } });
        return variables["MODULES"]?.split("\n").slice(2);
    }

    test("are those of the tunnel", () => {
        expect(modules({ routing: { mode: "tunnel", protocol: "geneve" } })).toEqual(["geneve"]);
        expect(modules({ routing: NATIVE })).toEqual([]);
    });

    test("are those of the encryption, in the families in use", () => {
        const ipsec: PreparationArgs["cilium"]["encryption"] = {
            type: "ipsec",
            key: { fromConfig: "ipsecKey" },
        };
        expect(modules({ routing: NATIVE, encryption: { type: "wireguard" } })).toEqual(["wireguard"]);
        expect(modules({ routing: NATIVE, encryption: ipsec })).toEqual(["xfrm_user", "esp4"]);
        expect(modules({ routing: NATIVE, encryption: ipsec }, ["10.10.0.0/16", "fd00:10::/56"])).toEqual([
            "xfrm_user",
            "esp4",
            "esp6",
        ]);
        expect(modules({ routing: NATIVE, encryption: ipsec }, ["fd00:10::/56"])).toEqual([
            "xfrm_user",
            "esp6",
        ]);
    });
});

test("IPv6 is forwarded where pods have it", () => {
    expect(preparation({ ...SERVER, insideCidrs: ["10.10.0.0/16", "fd00:10::/56"] })["IPV6"]).toBe("yes");
});

describe("an open firewalld", () => {
    function ports(args: Partial<PreparationArgs>): string[] | undefined {
        return preparation({ ...OPEN, ...args })["PORTS"]?.split("\n");
    }

    test("lets nodes reach a server, and pods everything", () => {
        expect(preparation(OPEN)).toMatchObject({
            FIREWALLD: "open",
            PORTS: "6443/tcp\n9345/tcp\n2379-2380/tcp\n10250/tcp\n4240/tcp\n8472/udp",
            TRUSTED: "192.168.10.0/24",
            INSIDE: "10.10.0.0/16\n10.11.0.0/16",
        });
    });

    test("lets nodes reach an agent", () => {
        expect(ports({ role: "agent" })).toEqual(["10250/tcp", "4240/tcp", "8472/udp"]);
    });

    test("has the ports of what is switched on", () => {
        expect(
            ports({
                embeddedRegistry: true,
                cilium: {
                    routing: { mode: "tunnel", protocol: "geneve" },
                    encryption: { type: "wireguard" },
                    hubble: { enabled: true, relay: true, ui: false, metrics: [] },
                },
                loadBalancers: [{ provider: "metallb" }],
            }),
        ).toEqual([
            "6443/tcp",
            "9345/tcp",
            "2379-2380/tcp",
            "10250/tcp",
            "4240/tcp",
            "6081/udp",
            "51871/udp",
            "4244/tcp",
            "5001/tcp",
            "7946/tcp",
            "7946/udp",
        ]);
    });

    test("lets through what has no ports", () => {
        expect(
            ports({
                role: "agent",
                cilium: {
                    ...SERVER.cilium,
                    routing: NATIVE,
                    encryption: { type: "ipsec", key: { fromConfig: "ipsecKey" } },
                },
                loadBalancers: [{ provider: "lb-ipam" }],
            }),
        ).toEqual(["10250/tcp", "4240/tcp", "esp"]);
    });
});
