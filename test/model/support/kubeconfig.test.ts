import { expect, it } from "vitest";

import { kubeconfigFault } from "../../../model/support/kubeconfig.ts";
import { KUBECONFIG } from "../../support/existing.ts";

it("finds nothing wrong with one that leads somewhere", () => {
    expect(kubeconfigFault(KUBECONFIG)).toBeUndefined();
    expect(
        kubeconfigFault(KUBECONFIG.replace("token: not-a-secret", "client-key: /etc/north.key")),
    ).toBeUndefined();
});

it.each([
    ["{", "is not YAML"],
    ["not-a-secret", "is not a kubeconfig with clusters, users, contexts and a current-context"],
    [
        KUBECONFIG.replace(/^current-context.*\n/m, ""),
        "is not a kubeconfig with clusters, users, contexts and a current-context",
    ],
    [
        KUBECONFIG.replace("current-context: admin@north", "current-context: other"),
        "has a current-context that is none of its contexts",
    ],
    [
        KUBECONFIG.replace("cluster: north, user", "cluster: other, user"),
        "has no cluster of the name that its current context says",
    ],
    [
        KUBECONFIG.replace("user: admin }", "user: other }"),
        "has no user of the name that its current context says",
    ],
    [
        KUBECONFIG.replace("token: not-a-secret", "client-key: north.key"),
        "names files by relative paths, which are found from its own folder only",
    ],
])("says what is wrong with %j, and nothing that it holds", (text, fault) => {
    expect(kubeconfigFault(text)).toBe(fault);
});
