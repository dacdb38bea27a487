import { describe, expect, it } from "vitest";

import {
    badPatch,
    CILIUM_OPTIONS,
    ciliumHas,
    ciliumSince,
    REFUSED_BY_CHARTS,
    refusedByChart,
    SUCCESSORS,
    successorOf,
} from "../../../model/support/cilium-options.ts";
import { isKnownValue, valuesProblems } from "../../../model/support/cilium-values.ts";
import { CILIUM_MINORS } from "../../../model/support/matrix.ts";

describe("ciliumHas", () => {
    it.each([
        ["cacheTTL", "1.18.99", false],
        ["cacheTTL", "1.19.0", true],
        ["cacheTTL", "1.20.2", true],
        ["certificatesInValues", "1.19.6", true],
        ["certificatesInValues", "1.20.0", false],
    ] as const)("knows of %s in %s: %s", (name, version, has) => {
        expect(ciliumHas(name, version)).toBe(has);
    });

    it("names the first version", () => {
        expect(ciliumSince("cacheTTL")).toBe("1.19");
        expect(ciliumSince("certificatesInValues")).toBe("1.16");
    });

    const values = [...CILIUM_OPTIONS].flatMap(([name, { value }]) =>
        value === undefined ? [] : [[name, value] as const],
    );

    it("knows of chart values", () => {
        expect(values.length).toBeGreaterThan(8);
    });

    it.each(values)("says of %s what the charts say of %s", (name, value) => {
        for (const minor of CILIUM_MINORS) {
            expect([minor, ciliumHas(name, `1.${minor}.0`)]).toEqual([
                minor,
                isKnownValue(value.split("."), minor),
            ]);
        }
    });
});

describe("successorOf", () => {
    it.each(SUCCESSORS.map((row) => [row.path, row] as const))(
        "is asked for %s only when a chart no longer reads it, and then answers",
        (path, { since, instead }) => {
            const gone = CILIUM_MINORS.filter((minor) => !isKnownValue(path.split("."), minor));
            expect(gone).not.toEqual([]);
            for (const minor of gone) expect(successorOf(path.split("."), `1.${minor}.0`)).toBe(instead);
            // Before, there is nothing else to write.
            const before = `1.${Number(since.slice(2)) - 1}.9`;
            expect(successorOf(path.split("."), before)).toBeUndefined();
        },
    );

    it("names no chart value that the version does not read either", () => {
        for (const { since, instead } of SUCCESSORS) {
            const [, named] = /^write (\S+) instead$/.exec(instead) ?? [];
            if (named === undefined) continue;
            expect(isKnownValue(named.split("."), Number(since.slice(2)))).toBe(true);
        }
    });

    it("knows what lies beneath", () => {
        expect(successorOf(["hostPort", "enabled"], "1.20.2")).toBe(
            "take it out: replacing kube-proxy includes it",
        );
        expect(successorOf(["hostPorts"], "1.20.2")).toBeUndefined();
    });

    it("is what a message says", () => {
        expect(valuesProblems({ l2podAnnouncements: { interface: "eth0" } }, "1.19.6", "v")).toEqual([
            {
                path: "v.l2podAnnouncements.interface",
                rule: "is no chart value of Cilium 1.19, which would ignore it without a word; 1.16 to 1.18 have it",
                fix: "write l2podAnnouncements.interfacePattern instead",
            },
        ]);
    });
});

describe("refusedByChart", () => {
    it.each(REFUSED_BY_CHARTS.map((row) => [row.path, row] as const))(
        "knows that charts fail for %s",
        (path, { since, instead }) => {
            const minors = CILIUM_MINORS.filter((minor) => minor >= Number(since.slice(2)));
            for (const minor of minors) {
                expect(refusedByChart(path.split("."), `1.${minor}.0`)).toBe(instead);
                expect(isKnownValue(path.split("."), minor)).toBe(false);
            }
        },
    );

    it("is what a message says", () => {
        expect(valuesProblems({ proxy: { prometheus: { port: 9090 } } }, "1.19.6", "v")).toEqual([
            {
                path: "v.proxy.prometheus.port",
                rule: "is gone: the chart of 1.19.6 fails where it is set",
                fix: "write envoy.prometheus.port instead",
            },
        ]);
        expect(valuesProblems({ enableCiliumEndpointSlice: true }, "1.18.11", "v")).toEqual([
            {
                path: "v.enableCiliumEndpointSlice",
                rule: "is gone: the chart of 1.18.11 fails where it is set",
                fix: "write ciliumEndpointSlice.enabled instead",
            },
        ]);
        expect(valuesProblems({ enableCiliumEndpointSlice: true }, "1.17.16", "v")).toEqual([]);
    });
});

it("knows the patches that are bad, and not those around them", () => {
    for (const name of ["nodeConfigs", "defaultGateway"] as const) {
        expect(
            ["1.19.6", "1.20.0", "1.20.1", "1.20.2"].map((version) => badPatch(name, version)?.fixed),
        ).toEqual([undefined, "1.20.2", "1.20.2", undefined]);
    }
});
