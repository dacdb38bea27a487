/*
 * What this does not show: that the lists are the charts' own but for clusterset.local. That was seen by rendering each of RKE2's
 * charts named here with and without; they are nobody's to publish here.
 */
import { expect, it } from "vitest";
import { parse } from "yaml";

import { clustersetConfig } from "../../../components/dns/clusterset-config.ts";

const of = (chart: string, coredns = "1.14.6") => clustersetConfig({ chart, coredns }, "kube-system");

/** What the chart is told, with the zones of its own domain. */
const values = (mark: string, zones: string) => ({
    deployment: { annotations: { "multicluster/values": mark } },
    servers: [
        {
            zones: [{ zone: ".", use_tcp: true }],
            port: 53,
            plugins: [
                { name: "errors" },
                { name: "health", configBlock: "lameduck 10s" },
                { name: "ready" },
                {
                    name: "kubernetes",
                    parameters: zones,
                    configBlock:
                        "pods insecure\nfallthrough in-addr.arpa ip6.arpa\nttl 30\nmulticluster clusterset.local",
                },
                { name: "prometheus", parameters: "0.0.0.0:9153" },
                { name: "forward", parameters: ". /etc/resolv.conf" },
                { name: "cache", parameters: 30 },
                { name: "loop" },
                { name: "reload" },
                { name: "loadbalance" },
            ],
        },
    ],
});

const BOTH = "cluster.local clusterset.local in-addr.arpa ip6.arpa";
const ONE = "clusterset.local in-addr.arpa ip6.arpa";

it.each([
    ["1.42.302", BOTH],
    ["1.43.101", BOTH],
    ["1.43.302", BOTH],
    ["1.44.300", BOTH],
    ["1.45.003", BOTH],
    ["1.45.008", BOTH],
    ["1.45.201", BOTH],
    ["1.45.205", ONE],
    ["1.45.209", ONE],
    ["1.45.212", ONE],
    ["1.46.002", ONE],
    ["1.46.201", ONE],
])("tells the chart %s its own list, and clusterset.local in it", (chart, zones) => {
    const { object, mark } = of(chart);
    expect(object).toEqual({
        apiVersion: "helm.cattle.io/v1",
        kind: "HelmChartConfig",
        metadata: { name: "rke2-coredns", namespace: "kube-system" },
        spec: { valuesContent: object.spec.valuesContent },
    });
    expect(parse(object.spec.valuesContent)).toEqual(values(mark, zones));
});

it("is written the same way every time, and told apart by what it says", () => {
    expect(of("1.46.201")).toEqual(of("1.46.201"));
    expect(of("1.46.201").object.spec.valuesContent).toMatchInlineSnapshot(`
      "deployment:
        annotations:
          multicluster/values: "d3439fc6253e6f2a"
      servers:
        - zones:
            - zone: "."
              use_tcp: true
          port: 53
          plugins:
            - name: "errors"
            - name: "health"
              configBlock: "lameduck 10s"
            - name: "ready"
            - name: "kubernetes"
              parameters: "clusterset.local in-addr.arpa ip6.arpa"
              configBlock: "pods insecure\\nfallthrough in-addr.arpa ip6.arpa\\nttl 30\\nmulticluster clusterset.local"
            - name: "prometheus"
              parameters: "0.0.0.0:9153"
            - name: "forward"
              parameters: ". /etc/resolv.conf"
            - name: "cache"
              parameters: 30
            - name: "loop"
            - name: "reload"
            - name: "loadbalance"
      "
    `);
    const marks = [of("1.46.201"), of("1.45.201"), of("1.46.002"), of("1.46.201", "1.14.7")].map(
        ({ mark }) => mark,
    );
    expect(new Set(marks).size).toBe(4);
    for (const mark of marks) expect(mark).toMatch(/^[0-9a-f]{16}$/);
});
