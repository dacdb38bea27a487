import { describe, expect, test } from "vitest";

import { proxyLines } from "../../../components/rke2/proxy.ts";

const DIRECT = {
    podCidrs: ["10.101.0.0/16", "fd00:101::/56"],
    serviceCidrs: ["10.111.0.0/16"],
    nodeCidrs: ["192.168.20.0/24", "192.168.10.0/24"],
    clusterDomain: "cluster.local",
    apiAddress: "api.east.example.net",
};
const NO_PROXY =
    "NO_PROXY=localhost,127.0.0.0/8,::1,10.101.0.0/16,10.111.0.0/16,192.168.10.0/24,192.168.20.0/24,api.east.example.net,fd00:101::/56,.svc,.cluster.local,.example.net,intranet";

describe("RKE2's environment", () => {
    test("has the way out for RKE2 and for containerd, and whom a cluster asks directly", () => {
        const proxy = {
            httpProxy: "http://proxy.example.net:3128",
            httpsProxy: "http://proxy.example.net:3129",
            noProxy: ["intranet", ".example.net", "localhost"],
        };
        expect(proxyLines(proxy, DIRECT).split("\n")).toEqual([
            "HTTP_PROXY=http://proxy.example.net:3128",
            "HTTPS_PROXY=http://proxy.example.net:3129",
            NO_PROXY,
            "CONTAINERD_HTTP_PROXY=http://proxy.example.net:3128",
            "CONTAINERD_HTTPS_PROXY=http://proxy.example.net:3129",
            `CONTAINERD_${NO_PROXY}`,
        ]);
    });

    test("is the same in another order", () => {
        const proxy = { httpsProxy: "http://proxy:3128", noProxy: ["b", "a"] };
        const other = { ...DIRECT, nodeCidrs: [...DIRECT.nodeCidrs].reverse() };
        expect(proxyLines({ ...proxy, noProxy: ["a", "b"] }, other)).toBe(proxyLines(proxy, DIRECT));
    });

    test("is nothing without a proxy", () => {
        expect(proxyLines({ noProxy: ["a"] }, DIRECT)).toBe("");
    });
});
