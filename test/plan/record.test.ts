import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { describe, expect, it } from "vitest";

import { placeholders } from "../../plan/placeholders.ts";
import { record } from "../../plan/record.ts";
import { sampleDescription, sampleProgram } from "./sample.ts";

const options = { project: "p", stack: "s" } as const;

class Group extends pulumi.ComponentResource {
    constructor(name: string, inputs: pulumi.Inputs = {}, opts?: pulumi.ComponentResourceOptions) {
        super("test:group:Group", name, inputs, opts);
        this.registerOutputs();
    }
}

function key(name: string, opts?: pulumi.CustomResourceOptions) {
    return new tls.PrivateKey(name, { algorithm: "ECDSA" }, opts);
}

describe("record", () => {
    it("writes down what a resource is registered with", async () => {
        const { resources } = await record(() => {
            const parent = new Group("outer");
            const seed = key("seed", { parent, protect: true, retainOnDelete: true });
            const provider = new kubernetes.Provider("east", { kubeconfig: pulumi.secret("k") }, { parent });
            new kubernetes.core.v1.ConfigMap(
                "map",
                { metadata: { name: "map" }, data: { pem: seed.privateKeyPem, plain: "x" } },
                {
                    parent: new Group("inner", {}, { parent }),
                    provider,
                    deletedWith: provider,
                    ignoreChanges: ["data"],
                },
            );
            return {};
        }, options);

        const group = "urn:pulumi:s::p::test:group:Group";
        const provider = `${group}$pulumi:providers:kubernetes::east`;
        expect(resources.find(({ name }) => name === "map")).toEqual({
            urn: `${group}$test:group:Group$kubernetes:core/v1:ConfigMap::map`,
            type: "kubernetes:core/v1:ConfigMap",
            name: "map",
            custom: true,
            parent: `${group}$test:group:Group::inner`,
            provider,
            dependsOn: [`${group}$tls:index/privateKey:PrivateKey::seed`],
            protect: false,
            retainOnDelete: false,
            deletedWith: provider,
            additionalSecretOutputs: [],
            ignoreChanges: ["data"],
            inputs: {
                apiVersion: "v1",
                data: { pem: "[seed.privateKeyPem]", plain: "x" },
                kind: "ConfigMap",
                metadata: { name: "map" },
            },
            secretPaths: [],
        });
        expect(resources.find(({ name }) => name === "seed")).toMatchObject({
            parent: `${group}::outer`,
            protect: true,
            retainOnDelete: true,
            additionalSecretOutputs: ["privateKeyOpenssh", "privateKeyPem", "privateKeyPemPkcs8"],
        });
        expect(resources[0]).toEqual({
            urn: `${group}::outer`,
            type: "test:group:Group",
            name: "outer",
            custom: false,
            dependsOn: [],
            protect: false,
            retainOnDelete: false,
            additionalSecretOutputs: [],
            ignoreChanges: [],
            inputs: {},
            secretPaths: [],
        });
    });

    it("takes the secret marks off and remembers where they were", async () => {
        const { resources } = await record(() => {
            new Group("group", {
                list: [{ a: pulumi.secret("hidden") }, "plain"],
                "dotted.key": { deep: pulumi.secret({ x: 1 }) },
                file: new pulumi.asset.StringAsset("text"),
                unknown: pulumi.output(pulumi.unknown),
                link: new Group("other"),
            });
            return {};
        }, options);
        expect(resources.find(({ name }) => name === "group")).toMatchObject({
            inputs: {
                list: [{ a: "hidden" }, "plain"],
                "dotted.key": { deep: { x: 1 } },
                file: { text: "text" },
                unknown: "[known after up]",
                link: "urn:pulumi:s::p::test:group:Group::other",
            },
            secretPaths: ["dotted.key.deep", "list[0].a"],
        });
    });

    it("returns the outputs as they are, and as the stack would export them", async () => {
        const { outputs, exported } = await record(
            () => ({ plain: pulumi.output("a"), hidden: { deep: pulumi.secret("b") } }),
            options,
        );
        expect(pulumi.Output.isInstance(outputs.plain)).toBe(true);
        expect(exported).toEqual({
            inputs: { plain: "a", hidden: { deep: "b" } },
            secretPaths: ["hidden.deep"],
        });
    });

    it("depends on the children of a component that is named in dependsOn", async () => {
        const { resources } = await record(() => {
            const parent = new Group("parent");
            key("child", { parent });
            key("after", { dependsOn: [parent] });
            return {};
        }, options);
        expect(resources.find(({ name }) => name === "after")?.dependsOn).toEqual([
            "urn:pulumi:s::p::test:group:Group$tls:index/privateKey:PrivateKey::child",
        ]);
    });

    it("tells how many resources there are after each one", async () => {
        const counts: number[] = [];
        await record(
            () => {
                key("a");
                key("b");
                return {};
            },
            { ...options, onProgress: (count) => counts.push(count) },
        );
        expect(counts).toEqual([1, 2]);
    });

    it("answers with the mocks it is given", async () => {
        const { exported } = await record(() => ({ pem: key("a").publicKeyPem }), {
            ...options,
            mocks: {
                ...placeholders,
                newResource: () => ({ id: "1", state: { publicKeyPem: "given" } }),
            },
        });
        expect(exported.inputs).toEqual({ pem: "given" });
    });

    it("registers the same in a preview as in an update", async () => {
        const secrets = {
            get: () => pulumi.secret("x"),
            keyFile: () => pulumi.secret("x"),
            refuse: () => [],
            refuseKeyFile: () => [],
            refuseKubeconfigFile: () => [],
        };
        const { mesh } = sampleProgram.accept("sample", sampleDescription, secrets);
        const run = async (preview: boolean) => {
            const deploy = () => sampleProgram.deploy(mesh, secrets);
            const { resources } = await record(deploy, { ...options, preview });
            return resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1));
        };
        const previewed = await run(true);
        expect(previewed).toHaveLength(22);
        expect(await run(false)).toEqual(previewed);
    });

    it("tells the program whether it is a preview", async () => {
        for (const preview of [true, false]) {
            const { outputs } = await record(() => ({ dry: pulumi.runtime.isDryRun() }), {
                ...options,
                preview,
            });
            expect(outputs.dry).toBe(preview);
        }
    });
});

describe("a program that fails under record", () => {
    const failing: Record<string, [program: () => object, message: string]> = {
        "in itself": [
            () => {
                throw new pulumi.RunError("not like this");
            },
            "not like this",
        ],
        "in an apply that nothing reads": [
            () => {
                pulumi.output(1).apply(() => {
                    throw new pulumi.RunError("not in here");
                });
                return {};
            },
            "not in here",
        ],
        "in an apply on a resource": [
            () => {
                key("a").privateKeyPem.apply(() => {
                    throw new pulumi.RunError("too late");
                });
                return {};
            },
            "too late",
        ],
        "in an apply that an input reads": [
            () => {
                const algorithm = pulumi.output(1).apply((): string => {
                    throw new pulumi.RunError("no algorithm");
                });
                new tls.PrivateKey("a", { algorithm });
                return {};
            },
            'error serializing property "algorithm": no algorithm',
        ],
        "in an output of the stack": [
            () => ({
                out: pulumi.output(1).apply(() => {
                    throw new pulumi.RunError("no output");
                }),
            }),
            "no output",
        ],
        "by registering the same URN twice": [
            () => {
                key("a");
                key("a");
                return {};
            },
            "failed to register new resource a [tls:index/privateKey:PrivateKey]: two resources have the same URN: urn:pulumi:s::p::tls:index/privateKey:PrivateKey::a",
        ],
        "by calling a provider": [
            () => ({ key: tls.getPublicKeyOutput({ privateKeyPem: "x" }).id }),
            "a plan calls no provider function, but the program called tls:index/getPublicKey:getPublicKey",
        ],
    };

    it.each(Object.entries(failing))(
        "fails %s with the message it failed with",
        async (_, [program, message]) => {
            await expect(record(program, options)).rejects.toHaveProperty("message", message);
        },
    );

    it("does not spoil the next run", async () => {
        await expect(
            record(() => {
                key("a");
                throw new Error("first");
            }, options),
        ).rejects.toThrow("first");
        const { resources } = await record(() => ({ key: key("a").id }), options);
        expect(resources.map(({ name }) => name)).toEqual(["a"]);
    });

    it("leaves those alone who listen for failures", async () => {
        const listeners = process.listeners("unhandledRejection");
        await expect(
            record(() => {
                throw new Error("first");
            }, options),
        ).rejects.toThrow("first");
        expect(process.listeners("unhandledRejection")).toEqual(listeners);
    });

    it("fails as on the engine where only the names of parents tell two resources apart", async () => {
        const program = () => {
            for (const name of ["a", "b"]) new Group("same", {}, { parent: new Group(name) });
            return {};
        };
        await expect(record(program, options)).rejects.toThrow(
            "two resources have the same URN: urn:pulumi:s::p::test:group:Group$test:group:Group::same",
        );
    });
});
