import { show, type Problem } from "../problem.ts";
import type { Announce, L2 } from "../resolved.ts";
import { bgpProblems } from "./metallb-bgp.ts";
import { lacks, serviceSelectorProblems } from "./metallb-lacks.ts";

/** What MetalLB, in this version, cannot announce as described. */
export function metalLbAnnounceProblems(announce: Announce, version: string, path: string): Problem[] {
    switch (announce.mode) {
        case "none":
            return [];
        case "l2":
            return l2Problems(announce, version, path);
        case "bgp":
            return bgpProblems(announce, version, path);
    }
}

function l2Problems(l2: L2, version: string, path: string): Problem[] {
    return [
        ...(l2.interfaces ?? []).flatMap((name, index) =>
            interfaceProblems(name, `${path}.interfaces[${index}]`),
        ),
        ...serviceSelectorProblems(l2, version, path),
        ...(l2.loadBalancerIPs === false
            ? lacks(`${path}.loadBalancerIPs`, false, "announces the addresses of load balancers always")
            : []),
        ...(l2.lease === undefined
            ? []
            : lacks(`${path}.lease`, l2.lease, "has no leases: its speakers tell each other who is there")),
        ...(l2.services === undefined
            ? []
            : lacks(`${path}.services`, l2.services, "asks the API for nothing while it announces")),
        ...(l2.externalIPs === true
            ? lacks(`${path}.externalIPs`, true, "announces no externalIPs, only addresses of its pools")
            : []),
    ];
}

/** MetalLB compares names as they are; a pattern would be the name of no interface, and nothing would be announced. */
function interfaceProblems(name: string, path: string): Problem[] {
    const at = { path, value: show(name) };
    if (/[\^$*+?()[\]{}|\\]/.test(name)) {
        return [
            {
                ...at,
                rule: "is a pattern, and MetalLB compares interface names as they are",
                fix: 'name each interface: ["eth0", "eth1"]; patterns work with LB-IPAM',
            },
        ];
    }
    return /^[^\s/:]{1,15}$/.test(name)
        ? []
        : [
              {
                  ...at,
                  rule: "is not the name of a Linux interface: at most 15 characters, no space, slash or colon",
                  fix: "write a name that `ip link` shows",
              },
          ];
}
