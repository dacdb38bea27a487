import { expect, test } from "vitest";

import { specProblems, type LabSpec } from "./lab-spec.ts";
import { hostsFile } from "./names.ts";

const GOOD: LabSpec = {
    name: "one",
    hosts: [
        { name: "east-1", address: "10.88.1.11" },
        { name: "east-2", address: "10.88.1.12" },
    ],
    tools: { node: "/usr/bin/node" },
    authorizedKeys: ["ssh-ed25519 AAAA someone"],
    sites: ["get.rke2.io"],
    names: { "api.east": ["10.88.1.11", "10.88.1.12"] },
};

test("a good description has no problems", () => {
    expect(specProblems(GOOD)).toEqual([]);
});

test.each<[string, Partial<LabSpec>, string]>([
    [
        "a name",
        { name: "../x" },
        '"../x" is no name for a lab: use 1 to 20 lower-case letters, digits and hyphens',
    ],
    ["a long name", { name: "x".repeat(21) }, "is no name for a lab"],
    ["a host's name", { hosts: [{ name: ".common", address: "10.88.1.1" }] }, '".common" is no host name'],
    [
        "an address",
        { hosts: [{ name: "a", address: "10.89.1.1" }] },
        "a: 10.89.1.1 is no address in 10.88.0.0/16",
    ],
    ["no address", { hosts: [{ name: "a", address: "a" }] }, "a: a is no address in 10.88.0.0/16"],
    [
        "the lab's address",
        { hosts: [{ name: "a", address: "10.88.0.1" }] },
        "a: 10.88.0.1 is the address of the lab itself",
    ],
    [
        "an address in use",
        { hosts: [...GOOD.hosts, { name: "a", address: "10.88.1.11" }] },
        "a: 10.88.1.11 is the address of east-1",
    ],
    [
        "a name in use",
        { hosts: [...GOOD.hosts, { name: "east-1", address: "10.88.1.13" }] },
        "there are two hosts east-1",
    ],
    ["a site", { sites: ["a b"] }, '"a b" is no DNS name'],
    ["a tool's path", { tools: { node: "node" } }, "the path of node is not absolute: node"],
    ["a key", { authorizedKeys: ["a b\nc d"] }, "an authorised key is not one line of type and base64"],
])("refuses %s", (_, change, problem) => {
    expect(specProblems({ ...GOOD, ...change })).toEqual([expect.stringContaining(problem)]);
});

test("every host knows all names", () => {
    expect(hostsFile(GOOD)).toBe(`# The hosts of the lab one.
127.0.0.1 localhost
::1 localhost ip6-localhost ip6-loopback
10.88.0.1 get.rke2.io
10.88.1.11 east-1
10.88.1.12 east-2
10.88.1.11 api.east
10.88.1.12 api.east
`);
});
