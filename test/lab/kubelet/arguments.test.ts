import { describe, expect, test } from "vitest";

import { parseArguments } from "./arguments.ts";
import { refusedLabels } from "./node/labels.ts";

const NEEDED = [
    ...["--kubeconfig", "/k"],
    ...["--node-name", "east-1"],
    ...["--node-ip", "10.88.1.11"],
    ...["--api-address", "10.88.1.11"],
    ...["--kubelet-version", "v1.34.3+rke2r1"],
];

describe("the command line", () => {
    test("gives labels and taints as lists", () => {
        const args = [...NEEDED, "--labels", "a=b,c.d/e=,f=g=h", "--taints", "k=v:NoSchedule,x:NoExecute"];
        expect(parseArguments(args)).toEqual({
            kubeconfig: "/k",
            nodeName: "east-1",
            nodeIp: "10.88.1.11",
            apiAddress: "10.88.1.11",
            version: "v1.34.3+rke2r1",
            labels: { a: "b", "c.d/e": "", f: "g=h" },
            taints: [
                { key: "k", value: "v", effect: "NoSchedule" },
                { key: "x", value: "", effect: "NoExecute" },
            ],
        });
    });

    test("may leave out both", () => {
        expect(parseArguments([...NEEDED, "--labels", "", "--taints="])).toMatchObject({
            labels: {},
            taints: [],
        });
    });

    test.each([
        [["--labels", "a"], '"a" is not KEY=VALUE'],
        [["--taints", "a=b"], '"a=b" is not KEY=VALUE:EFFECT'],
        [["--taints", "a=b:Never"], '"a=b:Never" is not KEY=VALUE:EFFECT'],
        [["--node-name", ""], "--node-name is missing"],
    ])("is refused with %j", (more, message) => {
        expect(() => parseArguments([...NEEDED, ...more])).toThrow(message);
    });
});

test("a kubelet may not give its node the labels of Kubernetes itself", () => {
    const labels = {
        pool: "a",
        "example.com/x": "",
        "topology.kubernetes.io/zone": "a",
        "node.kubernetes.io/gpu": "",
        "node-role.kubernetes.io/worker": "true",
        "x.k8s.io/y": "",
    };
    expect(refusedLabels(labels)).toEqual(["node-role.kubernetes.io/worker", "x.k8s.io/y"]);
});
