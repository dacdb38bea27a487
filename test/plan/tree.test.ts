import { expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { resolveMesh } from "../../model/resolve.ts";
import { Ancestry } from "../../plan/ancestry.ts";
import { plain } from "../../plan/paint.ts";
import { treeText } from "../../plan/tree.ts";
import { INTERMEDIATE, ROOT } from "../support/certificates.ts";
import { sampleDescription } from "./sample.ts";

function treeOf(description: typeof sampleDescription): string {
    const mesh = resolveMesh(description);
    return treeText({ mesh, warnings: [], resources: [], ancestry: new Ancestry([]), paint: plain });
}

const { east } = sampleDescription.clusters;
if (east === undefined) throw new Error("the sample has a cluster named east");

it("says of a mesh of one cluster that needs nothing only what there is", () => {
    expect(
        treeOf({
            ...sampleDescription,
            mesh: { topology: "full" },
            certificates: { caValidityHours: 25 },
            clusters: { lone: { ...east, meshApi: { type: "NodePort", replicas: 2 } } },
        }),
    ).toBe(`sample: one cluster, ready to be joined by others
├─ one CA for 25 hours; certificates for 365 days, renewed in their last 90 days
└─ lone (id 1)
   ├─ Kubernetes    RKE2 v1.35.7+rke2r1, API at 192.168.10.11:6443
   ├─ Cilium        1.19.6, routing tunnel (vxlan), encryption none
   ├─ pods          10.10.0.0/16
   ├─ Services      10.11.0.0/16
   ├─ nodes         192.168.10.0/24
   │  ├─ east-1  server  192.168.10.11  ssh root@192.168.10.11
   │  └─ east-2  agent   192.168.10.12  ssh root@192.168.10.12
   ├─ mesh API      every node's port 32379, 2 replicas
   ├─ peers         none
   ├─ load balancer MetalLB 0.16.1
   │  ├─ pool mesh: 192.168.10.200-192.168.10.219
   │  └─ announced by L2 on eth0
   ├─ charts        none
   └─ objects       none
`);
});

it("names the key files that must be there, and the load balancer that a cluster moves to", () => {
    const tree = treeOf({
        ...sampleDescription,
        mesh: { topology: "full" },
        clusters: {
            lone: {
                ...east,
                ssh: { auth: { privateKeyFile: "~/.ssh/id_ed25519" } },
                nextLoadBalancer: {
                    loadBalancer: { provider: "lb-ipam", pools: { next: ["192.168.10.230/31"] } },
                    announce: { mode: "none" },
                },
            },
        },
    });
    expect(tree).toContain(
        [
            "   ├─ moving to     Cilium LB-IPAM",
            "   │  ├─ pool next: 192.168.10.230/31",
            "   │  └─ announced by someone else",
        ].join("\n"),
    );
    expect(tree).toMatch(
        /\nbefore pulumi up\n {2}the private key ~\/\.ssh\/id_ed25519 {2}# clusters\.lone\.\S+\n/,
    );
});

it("counts peers where they would fill the screen", () => {
    const clusters = Array.from(
        { length: 14 },
        (_, index) => [`c${index}`, { ...east, id: index + 1 }] as const,
    );
    const tree = treeOf({
        ...sampleDescription,
        mesh: { topology: "full" },
        clusters: Object.fromEntries(clusters),
    });
    expect(tree.match(/peers {9}13 clusters\n/g)).toHaveLength(14);
    expect(tree).not.toContain("(id 2) at ");
});

it("says in which order clusters change their Cilium while an upgrade is under way", () => {
    const tree = treeOf({
        ...sampleDescription,
        mesh: { topology: "full" },
        cilium: { version: "1.19.6", upgrade: { from: "1.18", order: ["lone", "east"] } },
        clusters: { east, lone: { ...east, cilium: { version: "1.18.11" } } },
    });
    expect(tree).toContain("├─ Cilium comes from 1.18: lone 1.18.11, then east 1.19.6\n├─ east (id 1)");
});

it("says that certgen makes the certificates, of whole days, and where the CA's key is", () => {
    const certificates = { method: "certgen", leafValidityHours: 8_770 } as const;
    expect(
        treeOf({ ...sampleDescription, mesh: { topology: "full" }, certificates, clusters: { lone: east } }),
    ).toContain(
        "├─ one CA for 3650 days, its key in every cluster; certificates for 365 days, made and once a month renewed by certgen in each cluster\n",
    );
});

it("says how far a rotation of the CA has come, and what is known of a CA that is brought", () => {
    const trustOf = (certificates: NonNullable<typeof sampleDescription.certificates>) =>
        treeOf({ ...sampleDescription, mesh: { topology: "full" }, certificates, clusters: { lone: east } })
            .split("\n")
            .filter((line) => /\bCAs?\b|meshCa/.test(line));
    expect(trustOf({ nextCa: "trusted" })).toEqual([
        "├─ two CAs; certificates for 365 days, renewed in their last 90 days",
        "│  └─ CA 1 signs; CA 1 and CA 2 are trusted",
        "│     ├─ CA 1: made here",
        "│     └─ CA 2: made here",
    ]);
    const ca = { certificate: `${INTERMEDIATE}${ROOT}`, privateKey: fromConfig("meshCaKey") };
    expect(trustOf({ caGeneration: 2, ca })).toEqual([
        "├─ one CA, brought, CN=Example mesh CA, until 2076-11-08; certificates for 365 days, renewed in their last 90 days",
        "│  └─ CA 2 signs; CA 2 is trusted",
        "│     └─ CA 2: brought, CN=Example mesh CA, until 2076-11-08",
        "  pulumi config set --secret meshCaKey  # certificates.ca.privateKey",
    ]);
});
