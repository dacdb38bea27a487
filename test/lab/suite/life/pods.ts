import { setTimeout as pause } from "node:timers/promises";

import type { LabMesh } from "../../mesh/lab-mesh.ts";

const SELECTOR = "app=web";

/**
 * Two pods on one node, one of which must always be there: they can leave it only one after the other, the second when the
 * first is back elsewhere.
 */
export async function twoPodsOn(lab: LabMesh, node: string, others: readonly string[]): Promise<void> {
    await lab.kubectl("east", "cordon", ...others);
    await lab.kubectl("east", "create", "deployment", "web", "--image=example.com/web", "--replicas=2");
    await lab.kubectl(
        "east",
        ...["create", "poddisruptionbudget", "web", `--selector=${SELECTOR}`, "--min-available=1"],
    );
    await lab.kubectl("east", "rollout", "status", "deployment", "web", "--timeout=50s");
    await lab.kubectl("east", "uncordon", ...others);
    const hosts = await podHosts(lab);
    if (hosts.join(" ") !== `${node} ${node}`)
        throw new Error(`the pods are on ${hosts.join(" ")}, not on ${node}`);
    await budgetKnows(lab);
}

/** The nodes of those of them that run. */
export async function podHosts(lab: LabMesh): Promise<string[]> {
    const path = '{range .items[?(@.status.phase=="Running")]}{.spec.nodeName}{"\\n"}{end}';
    const args = ["get", "pods", "--selector", SELECTOR, `--output=jsonpath=${path}`];
    return (await lab.kubectl("east", ...args)).split("\n").filter((name) => name !== "");
}

/** Until then every eviction is refused. */
async function budgetKnows(lab: LabMesh): Promise<void> {
    const args = ["get", "poddisruptionbudget", "web", "--output=jsonpath={.status.disruptionsAllowed}"];
    const end = Date.now() + 30_000;
    while (Date.now() < end) {
        if ((await lab.kubectl("east", ...args)) === "1") return;
        await pause(500);
    }
    throw new Error("the disruption budget has not seen its pods in 30 s");
}
