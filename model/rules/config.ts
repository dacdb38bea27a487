import { contains, parseAddress, parseRange } from "../net/range.ts";
import { show } from "../problem.ts";
import { listOf, portRange } from "../support/rke2-config.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** What pods are told to ask must be an address that a Service can have. */
export const clusterDnsIsAService: Rule = forEachCluster(({ rke2, serviceCidrs }, at) => {
    const ranges = serviceCidrs.flatMap((text) => parseRange(text) ?? []);
    return listOf(rke2.config["cluster-dns"])
        .filter((text) => {
            const address = parseAddress(text);
            return address === undefined || !ranges.some((range) => contains(range, address));
        })
        .map((text) => ({
            path: `${at}.rke2.config.cluster-dns`,
            value: show(text),
            rule: `is no address of serviceCidr (${serviceCidrs.join(" and ")}): the DNS Service could not have it`,
            fix: "choose an address of serviceCidr, or leave it out for the tenth",
        }));
});

/** A node port outside the range is refused by the API server, and the mesh API's Service with it. */
export const meshApiInNodePorts: Rule = forEachCluster(({ rke2, meshApi }, at) => {
    const ports = portRange(rke2.config["service-node-port-range"]);
    return meshApi.type !== "NodePort" ||
        ports === undefined ||
        (ports.first <= meshApi.port && meshApi.port <= ports.last)
        ? []
        : [
              {
                  path: `${at}.rke2.config.service-node-port-range`,
                  value: show(rke2.config["service-node-port-range"]),
                  rule: `leaves out ${meshApi.port}, the node port of the mesh API`,
                  fix: "widen it, or set meshApi.nodePort to a port of that range",
              },
          ];
});
