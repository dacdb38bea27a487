/* Certificates that the chart makes itself: what the values of each minor version say of it, and what they leave out. */
import { describe, expect, it } from "vitest";
import { z } from "zod";

import type { Values } from "../../../components/cilium/values-args.ts";
import { ciliumValues } from "../../../components/cilium/values.ts";
import { merge } from "../../../model/merge.ts";
import { certgenDays, certgenSchedule } from "../../../model/support/certgen.ts";
import { full, plain } from "./fixtures.ts";

const CERTGEN = {
    validityHours: 8_770,
    extraServerNames: { dnsNames: ["mesh.example.net"], ipAddresses: ["192.168.10.200"] },
} as const;

const AUTO = { enabled: true, method: "cronJob", certValidityDuration: 365, schedule: "0 0 1 * *" };
const SERVER = { extraDnsNames: ["mesh.example.net"], extraIpAddresses: ["192.168.10.200"] };
const NO_CA = { certgen: { generateCA: false } };
const HUBBLE = { enabled: true, relay: true, ui: true, metrics: ["dns"], relayTls: true };

const tlsOf = z.object({ clustermesh: z.object({ apiserver: z.object({ tls: z.json() }) }) });
/** The same values with other certificates of the mesh API. */
function withTls(values: Values, tls: Values): unknown {
    const read = z
        .looseObject({ clustermesh: z.looseObject({ apiserver: z.looseObject({}) }) })
        .parse(values);
    const { apiserver } = read.clustermesh;
    return { ...read, clustermesh: { ...read.clustermesh, apiserver: { ...apiserver, tls } } };
}

describe("with certgen", () => {
    it.each([
        ["1.16.19", "legacy", { auto: AUTO, server: SERVER }, {}],
        ["1.17.18", "legacy", { auto: AUTO, server: SERVER }, NO_CA],
        ["1.18.12", "legacy", { auto: AUTO, server: SERVER }, NO_CA],
        ["1.19.6", "migration", { auto: AUTO, server: SERVER }, NO_CA],
        ["1.20.2", "migration", { auto: { ...AUTO, server: SERVER } }, NO_CA],
    ])(
        "these differ from those of a cluster that is given certificates, with Cilium %s",
        (version, authMode, tls, ca) => {
            const given = ciliumValues(plain(version, { hubble: HUBBLE }));
            const values = ciliumValues(plain(version, { hubble: HUBBLE, certgen: CERTGEN }));
            const others = merge(given, { hubble: { tls: { auto: AUTO } }, ...ca });
            expect(values).toEqual(withTls(others, { ...tls, authMode }));
        },
    );

    it("no CA, certificate or key is among them", () => {
        const values = ciliumValues(full("1.19.6", { certgen: CERTGEN }));
        expect(JSON.stringify(values)).not.toMatch(/ca\.(crt|key)|BEGIN|"tls":\{[^}]*"ca"/);
        expect(values).not.toHaveProperty("tls");
    });

    it("names of the mesh API that there are none of are not mentioned", () => {
        const certgen = { validityHours: 8_760 };
        const { clustermesh } = tlsOf.parse(ciliumValues(plain("1.20.2", { certgen })));
        expect(clustermesh.apiserver.tls).toEqual({ auto: AUTO, authMode: "migration" });
    });
});

it("counts whole days, and never one too many", () => {
    expect([8_760, 8_783, 8_784, 23].map(certgenDays)).toEqual([365, 365, 366, 0]);
});

it("renews in every cluster once a month, in different ones at different times", () => {
    expect([1, 2, 28, 29, 511].map(certgenSchedule)).toEqual([
        "0 0 1 * *",
        "0 0 2 * *",
        "0 0 28 * *",
        "0 1 1 * *",
        "0 18 7 * *",
    ]);
    const all = Array.from({ length: 511 }, (_, index) => certgenSchedule(index + 1));
    expect(new Set(all).size).toBe(511);
});
