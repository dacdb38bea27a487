import { describe, expect, test } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import { fromConfig } from "../../../model/describe.ts";
import type { Cluster, Mesh } from "../../../model/resolved.ts";
import { hostNeeds, hostPeers } from "../../../model/support/host-needs.ts";
import { highlyAvailable, twoClusters, type TwoClusters } from "../../support/mesh.ts";

function resolved(change: (mesh: TwoClusters) => unknown, from = twoClusters()): [Cluster, Mesh] {
    change(from);
    const { mesh, problems } = checkMesh(from);
    const [east] = mesh?.clusters ?? [];
    if (mesh === undefined || east === undefined) throw new Error(JSON.stringify(problems));
    return [east, mesh];
}

function needs(change: (mesh: TwoClusters) => unknown, role: "server" | "agent" = "server") {
    return hostNeeds(resolved(change)[0], role);
}

describe("the kernel", () => {
    test.each([
        ["1.16.19", "none", "5.4", "Cilium 1.16.19"],
        ["1.17.16", "wireguard", "5.6", "WireGuard in Cilium 1.17.16"],
        ["1.18.11", "none", "5.10", "Cilium 1.18.11"],
        ["1.20.2", "wireguard", "5.10", "Cilium 1.20.2"],
    ] as const)("for Cilium %s with encryption %s is %s", (version, type, oldest, purpose) => {
        const { kernel } = needs(({ cilium }) => Object.assign(cilium, { version, encryption: { type } }));
        expect(kernel).toEqual({ oldest, purpose, oldestRedHat8: "4.18.0-553" });
    });
});

describe("the kernel for what not every cluster uses", () => {
    test.each([
        ["BBR", { bandwidthManager: { bbr: true } }, "5.18", "BBR for pods in Cilium 1.19.6"],
        ["netkit", { values: { bpf: { datapathMode: "netkit-l2" } } }, "6.7", "netkit in Cilium 1.19.6"],
    ])("with %s is a later one, also of Red Hat", (_, options, oldest, purpose) => {
        const { kernel } = needs(({ cilium }) => Object.assign(cilium, options));
        expect(kernel).toEqual({ oldest, oldestRedHat8: oldest, purpose });
    });

    test("is the latest of all", () => {
        const { kernel } = needs(({ cilium }) =>
            Object.assign(cilium, {
                encryption: { type: "wireguard" },
                bandwidthManager: { bbr: true },
                values: { bpf: { datapathMode: "netkit" } },
            }),
        );
        expect(kernel.oldest).toBe("6.7");
    });
});

describe("network drivers", () => {
    test("matter only where every device must take programs", () => {
        expect(needs(() => undefined)).not.toHaveProperty("xdp");
        for (const acceleration of ["disabled", "best-effort"] as const) {
            expect(
                needs(({ cilium }) => Object.assign(cilium, { serviceLoadBalancing: { acceleration } })),
            ).not.toHaveProperty("xdp");
        }
        const { xdp } = needs(({ cilium }) =>
            Object.assign(cilium, {
                serviceLoadBalancing: { acceleration: "native" },
                devices: ["eth0", "ens+"],
            }),
        );
        expect(xdp?.devices).toEqual(["eth0", "ens+"]);
        expect(xdp?.drivers).toMatchObject({ mlx5_core: "4.9", virtio_net: "4.10", vmxnet3: "6.6" });
    });
});

describe("modules", () => {
    const names = (change: (mesh: TwoClusters) => unknown) =>
        needs(change).modules.flatMap(({ name, needed }) => (needed ? [name] : []));

    test("are those of the data path", () => {
        expect(names(() => undefined)).toEqual(["overlay", "cls_bpf", "sch_ingress", "vxlan"]);
        expect(
            names(({ cilium }) =>
                Object.assign(cilium, {
                    routing: { mode: "tunnel", protocol: "geneve" },
                    encryption: { type: "wireguard" },
                }),
            ),
        ).toEqual(["overlay", "cls_bpf", "sch_ingress", "geneve", "wireguard"]);
        expect(
            names(({ cilium }) =>
                Object.assign(cilium, {
                    routing: {
                        mode: "native",
                        ipv4NativeRoutingCIDR: "10.0.0.0/8",
                        autoDirectNodeRoutes: true,
                    },
                    encryption: { type: "ipsec", key: fromConfig("ipsecKey") },
                    masquerade: "iptables",
                }),
            ),
        ).toEqual(["overlay", "cls_bpf", "sch_ingress", "xfrm_user", "esp4", "xt_set", "ip_set_hash_ip"]);
    });

    test("are those of Geneve headers beside native routing, too", () => {
        const change = ({ cilium }: TwoClusters) =>
            Object.assign(cilium, {
                routing: {
                    mode: "native",
                    ipv4NativeRoutingCIDR: "10.0.0.0/8",
                    autoDirectNodeRoutes: true,
                },
                serviceLoadBalancing: { mode: "dsr", dispatch: "geneve" },
            });
        expect(names(change)).toEqual(["overlay", "cls_bpf", "sch_ingress", "geneve"]);
        expect(needs(change).ports.filter(({ number }) => number === 6081)).toEqual([
            { protocol: "udp", number: 6081, purpose: "Services that another node answers" },
        ]);
    });

    test("are those that pace packets", () => {
        expect(names(({ cilium }) => Object.assign(cilium, { bandwidthManager: { bbr: true } }))).toEqual([
            ...["overlay", "cls_bpf", "sch_ingress", "vxlan", "sch_fq", "tcp_bbr"],
        ]);
        expect(names(({ cilium }) => Object.assign(cilium, { bandwidthManager: {} }))).toEqual([
            ...["overlay", "cls_bpf", "sch_ingress", "vxlan", "sch_fq"],
        ]);
    });

    test("that not every cluster uses are only useful", () => {
        const { modules } = needs(() => undefined);
        expect(modules.filter(({ needed }) => !needed).map(({ name }) => name)).toEqual([
            "br_netfilter",
            "xt_TPROXY",
            "xt_socket",
            "xt_mark",
            "xt_CT",
        ]);
    });
});

describe("ports", () => {
    const ports = (change: (mesh: TwoClusters) => unknown, role: "server" | "agent") =>
        needs(change, role).ports.map(({ protocol, number }) => `${number}/${protocol}`);
    const NETWORK = ["4240/tcp", "8472/udp", "7946/tcp", "7946/udp"];

    test("of a server are those of its control plane, too", () => {
        expect(ports(() => undefined, "server")).toEqual([
            ...["6443/tcp", "6444/tcp", "9345/tcp", "2379/tcp", "2380/tcp", "2381/tcp", "10257/tcp"],
            ...["10259/tcp", "10250/tcp", "10248/tcp", "10010/tcp"],
            ...NETWORK,
        ]);
    });

    test("of an agent begin with those of RKE2's own balancers", () => {
        const agent = ["6443/tcp", "6444/tcp", "10250/tcp", "10248/tcp", "10010/tcp"];
        expect(ports(() => undefined, "agent")).toEqual([...agent, ...NETWORK]);
        const moved = ports(
            ({ rke2 }) => Object.assign(rke2, { config: { "lb-server-port": 7444 } }),
            "agent",
        );
        expect(moved.slice(0, 2)).toEqual(["7443/tcp", "7444/tcp"]);
    });

    test("of the network go with the data path and the load balancer", () => {
        const network = ports(({ cilium, clusters }) => {
            Object.assign(cilium, {
                routing: { mode: "tunnel", protocol: "geneve" },
                encryption: { type: "wireguard" },
                hubble: { enabled: true },
                values: { tunnelPort: 6082, healthPort: 4241 },
            });
            Object.assign(clusters.east.loadBalancer, { provider: "lb-ipam" });
        }, "agent").slice(5);
        expect(network).toEqual(["4241/tcp", "4244/tcp", "6082/udp", "51871/udp"]);
    });
});

describe("peers", () => {
    const lines = ([east, mesh]: [Cluster, Mesh], name: string) => {
        const node = [...east.servers, ...east.agents].find((one) => one.name === name);
        if (node === undefined) throw new Error(`no node ${name}`);
        return hostPeers(node, east, mesh).map(
            ({ name: peer, address, ports }) =>
                `${peer} ${address} ${ports.map(({ number, protocol }) => `${number}/${protocol}`).join(" ")}`,
        );
    };
    const NETWORK = "10250/tcp 4240/tcp 8472/udp 7946/tcp 7946/udp";

    test("are not asked where their whole cluster is lost", () => {
        const mesh = resolved(({ clusters }) => {
            clusters.west.lost = true;
        });
        expect(lines(mesh, "east-1").filter((line) => line.startsWith("west/"))).toEqual([]);
        const whole = resolved(() => undefined);
        expect(lines(whole, "east-1").filter((line) => line.startsWith("west/"))).not.toEqual([]);
    });

    test("are asked at the ports that the node will use, but not itself nor a host that is lost", () => {
        const mesh = resolved(({ clusters }) => {
            Object.assign(clusters.east.agents?.["east-5"] ?? {}, { lost: true });
            clusters.west.servers = { "west-1": { address: "192.168.20.11", ssh: {} } };
            clusters.west.agents = {};
        }, highlyAvailable());
        expect(lines(mesh, "east-1")).toEqual([
            `east-2 192.168.10.12 9345/tcp 6443/tcp 2379/tcp 2380/tcp ${NETWORK}`,
            `east-3 192.168.10.13 9345/tcp 6443/tcp 2379/tcp 2380/tcp ${NETWORK}`,
            `east-4 192.168.10.14 ${NETWORK}`,
            "west/west-1 192.168.20.11 4240/tcp 8472/udp",
        ]);
        expect(lines(mesh, "east-4")).toEqual([
            `east-1 192.168.10.11 9345/tcp 6443/tcp ${NETWORK}`,
            `east-2 192.168.10.12 9345/tcp 6443/tcp ${NETWORK}`,
            `east-3 192.168.10.13 9345/tcp 6443/tcp ${NETWORK}`,
            "west/west-1 192.168.20.11 4240/tcp 8472/udp",
        ]);
    });

    test("of another cluster are asked for the mesh API where it is a node port", () => {
        const mesh = resolved(({ clusters }) => {
            Object.assign(clusters.west, { meshApi: { type: "NodePort", nodePort: 32380 } });
        });
        expect(lines(mesh, "east-1").slice(1)).toEqual([
            "west/west-1 192.168.20.11 4240/tcp 8472/udp 32380/tcp",
            "west/west-2 192.168.20.12 4240/tcp 8472/udp 32380/tcp",
        ]);
    });
});
