import { expect, it } from "vitest";

import { checkMesh } from "../../model/check.ts";
import { formatPath, parseDescription } from "../../model/describe.ts";
import { formatProblem, formatProblems } from "../../model/problem.ts";
import { twoClusters } from "../support/mesh.ts";

/** What is said of a description, as a person reads it. */
function problemsOf(description: unknown): string {
    const parsed = parseDescription(description);
    return parsed.ok ? "" : parsed.problems.map(formatProblem).join("\n");
}

/** The small mesh with something put at a path, whatever its type. */
function withValue(path: readonly string[], value: unknown): unknown {
    const mesh: unknown = structuredClone(twoClusters());
    const last = path.at(-1);
    const parent = path.slice(0, -1).reduce<unknown>((found, key) => {
        if (typeof found !== "object" || found === null) throw new Error(`nothing at ${key}`);
        return Reflect.get(found, key);
    }, mesh);
    if (typeof parent !== "object" || parent === null || last === undefined) throw new Error("nothing there");
    Reflect.set(parent, last, value);
    return mesh;
}

it("accepts the small mesh", () => {
    expect(checkMesh(twoClusters())).toMatchObject({ ok: true, problems: [], warnings: [] });
});

it.each([[undefined], [null], ["dev"], [7], [[]], [() => twoClusters()]])(
    "refuses %o as a mesh",
    (description) => {
        expect(problemsOf(description)).toMatch(/^description/);
    },
);

it("names the nearest key for one that is misspelt", () => {
    expect(problemsOf(withValue(["clusters", "east", "podCIDR"], "10.10.0.0/16"))).toMatchInlineSnapshot(`
      "clusters.east.podCIDR
          unknown key; did you mean podCidr?
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it("lists the known keys where none is near", () => {
    expect(problemsOf(withValue(["cilium", "hubble"], { colour: "blue" }))).toMatchInlineSnapshot(`
      "cilium.hubble.colour
          unknown key; known here: enabled, relay, ui, metrics, relayTls, metricsTls
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it("says where a key belongs that people expect elsewhere", () => {
    expect(problemsOf(withValue(["clusters", "east", "hubble"], {}))).toMatchInlineSnapshot(`
      "clusters.east.hubble
          write it under cilium
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it("says that SRv6 cannot be had, and what to use", () => {
    expect(problemsOf(withValue(["cilium", "srv6"], { enabled: true }))).toMatchInlineSnapshot(`
      "cilium.srv6
          SRv6 is not in the open-source charts; use native routing with BGP
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it("says what is missing", () => {
    expect(problemsOf(withValue(["clusters", "east", "podCidr"], undefined))).toMatchInlineSnapshot(`
      "clusters.east.podCidr
          is missing: must be a string or an array
          fix: see docs/reference.md for what may stand here"
    `);
});

it("lists the choices of a mode", () => {
    expect(problemsOf(withValue(["cilium", "routing"], { mode: "overlay" }))).toMatchInlineSnapshot(`
      "cilium.routing.mode = "overlay"
          is not one of the choices
          fix: write one of 'tunnel' | 'native'"
    `);
});

it("reports the member of a union that was meant", () => {
    expect(problemsOf(withValue(["ssh"], { auth: { privateKeyFile: 7 } }))).toMatchInlineSnapshot(`
      "ssh.auth.privateKeyFile
          must be a string, and not a number
          fix: see docs/reference.md for what may stand here"
    `);
});

it("shows how an address is written", () => {
    expect(
        problemsOf(withValue(["clusters", "east", "servers"], { "east-1": { address: "192.168.10.11/24" } })),
    ).toMatchInlineSnapshot(`
      "clusters.east.servers.east-1.address = "192.168.10.11/24"
          must be one IPv4 or IPv6 address, without a prefix length
          fix: write it as "192.168.10.11" or "fd00:10::11""
    `);
});

it("shows how a CIDR is written", () => {
    expect(problemsOf(withValue(["clusters", "east", "nodeCidr"], "192.168.10.11/24")))
        .toMatchInlineSnapshot(`
      "clusters.east.nodeCidr = "192.168.10.11/24"
          must be a CIDR whose host bits are zero
          fix: write the network address and its prefix length, as "10.10.0.0/16" or "fd00:10::/56""
    `);
});

it("refuses a label that Kubernetes refuses", () => {
    const server = { address: "192.168.10.11", labels: { "a b": "c", rack: "!" } };
    expect(problemsOf(withValue(["clusters", "east", "servers"], { "east-1": server })))
        .toMatchInlineSnapshot(`
      "clusters.east.servers.east-1.labels["a b"] = "c"
          must be a label key: an optional DNS prefix and a slash, then at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "topology.kubernetes.io/zone"
      clusters.east.servers.east-1.labels.rack = "!"
          must be a label value: at most 63 letters, digits, '-', '_' and '.'
          fix: write it as "rack-1""
    `);
});

it("refuses an ssh-rsa host key, which cannot be pinned", () => {
    const server = { address: "192.168.10.11", ssh: { hostKey: "ssh-rsa AAAA" } };
    expect(problemsOf(withValue(["clusters", "east", "servers"], { "east-1": server })))
        .toMatchInlineSnapshot(`
      "clusters.east.servers.east-1.ssh.hostKey = "ssh-rsa AAAA"
          must be one ed25519 or ecdsa public key; an ssh-rsa key cannot be pinned, modern servers offer only its SHA-2 forms
          fix: paste a line of: ssh-keyscan -t ed25519 HOST (after comparing it with the host's own)"
    `);
});

it("takes Cilium alone from RKE2, and only wholly", () => {
    const { cilium, metallb } = {
        cilium: withValue(["cilium", "chart"], { bundled: false }),
        metallb: withValue(["clusters", "east", "loadBalancer"], {
            provider: "metallb",
            pools: { mesh: ["192.168.10.200-192.168.10.220"] },
            chart: { bundled: true },
        }),
    };
    expect(problemsOf(cilium)).toContain("cilium.chart.bundled");
    expect(problemsOf(metallb)).toContain("clusters.east.loadBalancer.chart.bundled");
});

it("refuses a chart that is two things at once", () => {
    const chart = { repository: "https://helm.cilium.io/", path: "./cilium.tgz" };
    expect(problemsOf(withValue(["cilium", "chart"], chart))).toMatchInlineSnapshot(`
      "cilium.chart.oci
          is missing: must be a string
          fix: see docs/reference.md for what may stand here
      cilium.chart.repository
          unknown key; known here: oci
          fix: rename or remove it; docs/reference.md lists every option
      cilium.chart.path
          unknown key; known here: oci
          fix: rename or remove it; docs/reference.md lists every option"
    `);
});

it.each([
    ["a token", ["clusters", "east", "token"], "hunter2"],
    [
        "a password",
        ["clusters", "east", "announce"],
        { mode: "bgp", localASN: 1, peers: { tor: { address: "10.0.0.1", asn: 2, password: "hunter2" } } },
    ],
    ["a key", ["ssh"], { auth: { privateKey: "hunter2" } }],
    ["a bare key", ["ssh"], { auth: "hunter2" }],
    ["an IPsec key", ["cilium", "encryption"], { type: "ipsec", key: "hunter2" }],
    ["a passphrase", ["ssh"], { auth: { privateKeyFile: "~/.ssh/id", passphrase: "hunter2" } }],
])("refuses %s written into the description, and does not repeat it", (_, path, value) => {
    const said = problemsOf(withValue(path, value));
    expect(said).not.toBe("");
    expect(said).not.toContain("hunter2");
});

const SEE = "\n    fix: see docs/reference.md for what may stand here";

it.each([
    [
        "an array of clusters",
        ["clusters"],
        [{ token: "hunter2" }],
        "clusters\n    must be an object, and not an array",
    ],
    [
        "an array of servers",
        ["clusters", "east", "servers"],
        [{ ssh: { auth: { privateKey: "hunter2" } } }],
        "clusters.east.servers\n    must be an object, and not an array",
    ],
    [
        "an array of peers",
        ["clusters", "east", "announce"],
        { mode: "bgp", localASN: 64512, peers: ["hunter2"] },
        "clusters.east.announce.peers\n    must be an object, and not an array",
    ],
    [
        "bare encryption",
        ["cilium", "encryption"],
        "hunter2",
        "cilium.encryption\n    must be an object, and not a string",
    ],
    [
        "bare values",
        ["cilium", "values"],
        "hunter2",
        "cilium.values\n    must be an object, and not a string",
    ],
    [
        "bare SSH",
        ["clusters", "east", "ssh"],
        "hunter2",
        "clusters.east.ssh\n    must be an object, and not a string",
    ],
    [
        "an object for a range",
        ["clusters", "east", "podCidr"],
        { key: "hunter2" },
        "clusters.east.podCidr\n    must be a string or an array, and not an object",
    ],
    [
        "an object for a choice",
        ["cilium", "ipam"],
        { key: "hunter2" },
        'cilium.ipam\n    Invalid option: expected one of "kubernetes"|"cluster-pool"',
    ],
])(
    "says what kind of thing stands in the wrong place, and does not repeat it: %s",
    (_, path, value, said) => {
        expect(problemsOf(withValue(path, value))).toBe(said + SEE);
    },
);

it.each([
    [["clusters", "east", "id"], 1.5, "clusters.east.id = 1.5\n    must be a whole number"],
    [["clusters", "east", "id"], NaN, "clusters.east.id = NaN\n    must be a number, and not NaN"],
    [["cilium", "hubble"], true, "cilium.hubble = true\n    must be an object, and not a boolean"],
    [["cilium", "hubble"], null, "cilium.hubble\n    must be an object, and not null"],
])("shows at %j the number or boolean %j", (path, value, said) => {
    expect(problemsOf(withValue(path, value))).toBe(said + SEE);
});

const NO_USER =
    "\n    must not hold a user or a password: it is shown in plans and messages\n    fix: leave out everything up to the @";

it.each([
    [
        "cilium.chart.repository",
        ["cilium", "chart"],
        { repository: "https://user:hunter2@charts.example.net" },
    ],
    ["cilium.chart.oci", ["cilium", "chart"], { oci: "oci://hunter2@example.net/cilium" }],
    ["rke2.installUrl", ["rke2", "installUrl"], "https://user:hunter2@x/"],
    ["rke2.installUrl", ["rke2", "installUrl"], "https:/hunter2@x/"],
])("refuses a user or a password in %s, and does not repeat it", (path, keys, value) => {
    expect(problemsOf(withValue(keys, value))).toBe(path + NO_USER);
});

it("does not repeat a password in an address that is wrong otherwise", () => {
    expect(problemsOf(withValue(["clusters", "east", "apiAddress"], "root:hunter2@api"))).toBe(
        'clusters.east.apiAddress\n    must be an IP address or a DNS name\n    fix: write it as "192.168.10.11" or "east-1.example.net", without user, port or scheme',
    );
});

it("reports everything at once", () => {
    const mesh = twoClusters();
    mesh.clusters.east.podCidr = "10.10.0.1/16";
    mesh.clusters.west.nodeCidr = "west";
    mesh.rke2.version = "1.35";
    expect(formatProblems("dev", parsedProblems(mesh))).toMatchInlineSnapshot(`
      "dev: 3 problems
      ✖ rke2.version = "1.35"
          must be the tag of an RKE2 release
          fix: write it as "v1.35.7+rke2r1"
      ✖ clusters.east.podCidr = "10.10.0.1/16"
          must be a CIDR whose host bits are zero
          fix: write the network address and its prefix length, as "10.10.0.0/16" or "fd00:10::/56"
      ✖ clusters.west.nodeCidr = "west"
          must be a CIDR whose host bits are zero
          fix: write the network address and its prefix length, as "10.10.0.0/16" or "fd00:10::/56""
    `);
});

function parsedProblems(description: unknown) {
    const parsed = parseDescription(description);
    return parsed.ok ? [] : parsed.problems;
}

it("writes paths as a user would", () => {
    expect(formatPath(["clusters", "east", "servers", "east 1", "address", 0])).toBe(
        'clusters.east.servers["east 1"].address[0]',
    );
    expect(formatPath([])).toBe("description");
});
