import fc from "fast-check";
import { expect, it } from "vitest";

import { inOrder } from "../../plan/order.ts";
import type { RecordedResource } from "../../plan/record.ts";

function resource(
    urn: string,
    needs: Partial<Pick<RecordedResource, "parent" | "provider" | "dependsOn">> = {},
): RecordedResource {
    return {
        urn,
        type: "t",
        name: urn,
        custom: true,
        dependsOn: [],
        protect: false,
        retainOnDelete: false,
        additionalSecretOutputs: [],
        ignoreChanges: [],
        inputs: {},
        secretPaths: [],
        ...needs,
    };
}

const urns = (resources: readonly RecordedResource[]) => resources.map(({ urn }) => urn);

it("puts parents, providers and dependencies first, and otherwise goes by URN", () => {
    const resources = [
        resource("b", { parent: "z" }),
        resource("a", { dependsOn: ["y"] }),
        resource("c", { provider: "x" }),
        resource("x"),
        resource("y"),
        resource("z"),
    ];
    expect(urns(inOrder(resources))).toEqual(["y", "a", "z", "b", "x", "c"]);
});

it("does not mind a dependency that was not registered", () => {
    expect(urns(inOrder([resource("a", { dependsOn: ["gone"] })]))).toEqual(["a"]);
});

it("does not depend on the order of registration, and never puts a resource before what it needs", () => {
    const graph = fc
        .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
        .map((rows) =>
            rows.map((row, index) =>
                resource(`r${String((index * 7) % 13)}`, {
                    dependsOn: index === 0 ? [] : row.map((need) => `r${String(((need % index) * 7) % 13)}`),
                }),
            ),
        )
        .chain((resources) =>
            fc.tuple(
                fc.constant(resources),
                fc.shuffledSubarray(resources, { minLength: resources.length, maxLength: resources.length }),
            ),
        );
    fc.assert(
        fc.property(graph, ([resources, shuffled]) => {
            const ordered = inOrder(shuffled);
            expect(urns(ordered)).toEqual(urns(inOrder(resources)));
            ordered.forEach(({ dependsOn }, index) => {
                for (const need of dependsOn) {
                    expect(ordered.findIndex(({ urn }) => urn === need)).toBeLessThan(index);
                }
            });
        }),
    );
});
