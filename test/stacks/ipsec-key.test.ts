/* The key of IPsec on its way from the description to every cluster. Not shown: that agents take one after the other. */
import { describe, expect, it } from "vitest";

import { deriveIpsecKey } from "../../components/cilium/ipsec-key.ts";
import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import { secretValueProblems } from "../../stacks/secret-problems.ts";
import { twoClusters } from "../support/mesh.ts";
import { deployed } from "../support/program.ts";

const SEED = "tls:index/privateKey:PrivateKey";
const SECRET = "kubernetes:core/v1:Secret";
const RELEASE = "kubernetes:helm.sh/v3:Release";

function encrypted(encryption: NonNullable<MeshDescription["cilium"]["encryption"]>) {
    const mesh = twoClusters();
    mesh.cilium.encryption = encryption;
    return deployed(mesh);
}

describe("a key that is made here", async () => {
    const deployment = await encrypted({ type: "ipsec", keyGeneration: 4 });
    const key = deriveIpsecKey("[ipsec-seed.privateKeyPem]", 4);

    it("is the same in every cluster, and secret in each", () => {
        for (const name of ["east", "west"]) {
            const { inputs, secretPaths } = deployment.one(SECRET, `${name}-cilium-ipsec-keys`);
            expect(inputs["stringData"]).toEqual({ keys: key });
            expect(secretPaths).toEqual(["stringData"]);
        }
    });

    it("comes from one seed, which may be taken away again", () => {
        const component = deployment.one("multicluster:cilium:IpsecKey", "ipsec");
        expect(component.inputs).toEqual({ generation: 4, ciliumVersions: ["1.19.6"] });
        const seed = deployment.one(SEED, "ipsec-seed");
        expect(seed.parent).toBe(component.urn);
        expect(seed.protect).toBe(false);
    });

    it("stays for a while after the next one has come", () => {
        for (const name of ["east", "west"]) {
            expect(deployment.one(RELEASE, `${name}-cilium-chart`).inputs["values"]).toMatchObject({
                encryption: {
                    enabled: true,
                    type: "ipsec",
                    ipsec: {
                        secretName: "cilium-ipsec-keys",
                        keyFile: "keys",
                        keyRotationDuration: "15m",
                    },
                },
            });
        }
    });

    it("changes the Secrets alone when the next one comes", async () => {
        const next = await encrypted({ type: "ipsec", keyGeneration: 5 });
        const before = new Map(deployment.resources.map(({ urn, inputs }) => [urn, JSON.stringify(inputs)]));
        expect(next.resources).toHaveLength(deployment.resources.length);
        expect(
            next.resources
                .filter(({ urn, inputs }) => before.get(urn) !== JSON.stringify(inputs))
                .map(({ name }) => name)
                .sort(),
        ).toEqual([
            "east-cilium-ipsec-keys",
            // It looks again whether the network works.
            "east-mesh-api-ready",
            "ipsec",
            "west-cilium-ipsec-keys",
            "west-mesh-api-ready",
        ]);
    });
});

it("makes no key where one is brought, or none is needed", async () => {
    for (const encryption of [
        { type: "ipsec", key: fromConfig("ipsecKey") },
        { type: "wireguard" },
    ] as const) {
        const { resources } = await encrypted(encryption);
        expect(resources.filter(({ name }) => name.startsWith("ipsec"))).toEqual([]);
    }
});

it("names the first key where no number is said", async () => {
    const { inputs } = (await encrypted({ type: "ipsec" })).one("multicluster:cilium:IpsecKey", "ipsec");
    expect(inputs).toEqual({ generation: 1, ciliumVersions: ["1.19.6"] });
});

it("refuses a key that agents would not take, and never repeats it", () => {
    const problems = (value: string) =>
        secretValueProblems(
            { key: "ipsecKey", kind: "IPsec key", path: "cilium.encryption.key" },
            value,
            true,
        );
    expect(problems(deriveIpsecKey("seed", 3))).toEqual([]);
    expect(problems("hunter2")).toEqual([
        {
            path: "cilium.encryption.key",
            value: "ipsecKey",
            rule: "does not begin with an ID from 1 to 15: the agents would not take it",
            fix: 'write it as "3+ rfc4106(gcm(aes)) 40_DIGITS 128", and run: pulumi config set --secret ipsecKey',
        },
    ]);
});
