import { expect, it } from "vitest";

import { kubernetesNames } from "../../plan/kubernetes-names.ts";

it("spells the extensions of a schema as Kubernetes does, and leaves everything else", () => {
    expect(
        kubernetesNames({
            spec: {
                versions: [
                    {
                        ports: {
                            x_kubernetes_list_type: "map",
                            x_kubernetes_list_map_keys: ["x_kubernetes_y"],
                        },
                    },
                ],
                x_other_name: [null, true, 1],
            },
        }),
    ).toEqual({
        spec: {
            versions: [
                {
                    ports: {
                        "x-kubernetes-list-type": "map",
                        "x-kubernetes-list-map-keys": ["x_kubernetes_y"],
                    },
                },
            ],
            x_other_name: [null, true, 1],
        },
    });
});
