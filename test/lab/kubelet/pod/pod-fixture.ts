import { POD, type PodObject } from "./pod-object.ts";

/** A pod as the API server gives it, for tests. */
export function podObject(spec: Readonly<Record<string, unknown>> = {}): PodObject {
    return POD.parse({
        metadata: { uid: "u-1", name: "mesh-0", namespace: "kube-system", labels: { app: "mesh" } },
        spec: { nodeName: "east-1", containers: [{ name: "one" }], ...spec },
    });
}
