import { describe, expect, test } from "vitest";

import { ClusterTokens, deriveToken } from "../../../components/rke2/cluster-tokens.ts";
import { record } from "../../../plan/record.ts";
import { isSecret } from "@pulumi/pulumi";

const STACK = { project: "multicluster", stack: "test" };

describe("ClusterTokens", () => {
    test("registers one protected key, whatever the number of clusters", async () => {
        const { resources } = await record(() => {
            const tokens = new ClusterTokens("tokens", {});
            return { east: tokens.tokenFor("east"), west: tokens.tokenFor("west") };
        }, STACK);
        const component = "urn:pulumi:test::multicluster::multicluster:rke2:ClusterTokens::tokens";
        expect(resources).toEqual([
            {
                urn: component,
                type: "multicluster:rke2:ClusterTokens",
                name: "tokens",
                custom: false,
                dependsOn: [],
                protect: false,
                retainOnDelete: false,
                additionalSecretOutputs: [],
                ignoreChanges: [],
                inputs: {},
                secretPaths: [],
            },
            {
                urn: "urn:pulumi:test::multicluster::multicluster:rke2:ClusterTokens$tls:index/privateKey:PrivateKey::tokens-seed",
                type: "tls:index/privateKey:PrivateKey",
                name: "tokens-seed",
                custom: true,
                parent: component,
                dependsOn: [],
                protect: true,
                retainOnDelete: false,
                additionalSecretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
                ignoreChanges: [],
                inputs: { algorithm: "ECDSA", ecdsaCurve: "P256" },
                secretPaths: [],
            },
        ]);
    });

    test("a token is secret, and derived from the key and the cluster's name", async () => {
        const { outputs } = await record(async () => {
            const token = new ClusterTokens("tokens", {}).tokenFor("east");
            const value = await new Promise((resolve) => token.apply(resolve));
            return { value, secret: await isSecret(token) };
        }, STACK);
        expect(outputs).toEqual({ value: deriveToken("[tokens-seed.privateKeyPem]", "east"), secret: true });
    });
});

describe("a token", () => {
    test("is HMAC-SHA256 of the cluster's name, in hexadecimal", () => {
        // RFC 4231, test case 2.
        expect(deriveToken("Jefe", "what do ya want for nothing?")).toBe(
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        );
    });

    test("differs between clusters, between environments, and from generation to generation", () => {
        const tokens = [
            deriveToken("dev", "east"),
            deriveToken("dev", "west"),
            deriveToken("prod", "east"),
            deriveToken("dev", "east", 2),
            deriveToken("dev", "east", 3),
        ];
        expect(new Set(tokens).size).toBe(5);
        expect(deriveToken("dev", "east", 1)).toBe(tokens[0]);
    });
});
