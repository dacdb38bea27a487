/* The charts fail where the table in model/support/cilium-chart-fails.ts says so, and in no other version. */
import { expect, test } from "vitest";

import { ciliumValues } from "../../components/cilium/values.ts";
import { minorOf } from "../../model/support/version.ts";
import { plain } from "../components/cilium/fixtures.ts";
import { CASES, NATIVE, PLAIN } from "../support/exit-cases.ts";
import { CILIUM_VERSIONS } from "./charts.ts";
import { render } from "./render.ts";

const RKE2 = "v1.33.1+rke2r1";

const FAILS = CASES.filter(([, , text]) => text.includes(": the chart would fail;"));

function rendered(version: string, [{ routing, ...over }]: (typeof CASES)[number]) {
    const values = ciliumValues(
        plain(version, {
            hubble: PLAIN.hubble,
            ...over,
            // The chart wants to know more of native routing.
            ...(routing?.mode === "native"
                ? { routing: { ...NATIVE.routing, ipv4NativeRoutingCIDR: "10.0.0.0/8" } }
                : {}),
        }),
    );
    return render(
        { inputs: { name: "cilium", chart: "cilium", version, namespace: "kube-system", values } },
        RKE2,
    );
}

test.each(
    CILIUM_VERSIONS.flatMap((version) =>
        FAILS.map((one) => {
            const fails = one[1].split(" ").includes(String(minorOf(version)));
            return {
                version,
                one,
                outcome: fails ? "fails" : "is rendered",
                what: one[2].split(": the chart")[0],
            };
        }),
    ),
)("Cilium $version $outcome: $what", async ({ version, one, outcome }) => {
    const result = rendered(version, one).then(
        () => "is rendered",
        (error: unknown) => (String(error).includes("helm failed") ? "fails" : String(error)),
    );
    expect(await result).toBe(outcome);
});
