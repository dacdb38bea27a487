import "reflect-metadata";
import { webcrypto } from "node:crypto";

import { X509CertificateGenerator } from "@peculiar/x509";
import { expect, test } from "vitest";
import { stringify } from "yaml";

import { existingKubeconfigWarning, kubeconfigWarning } from "../../../components/rke2/kubeconfig-life.ts";

const ENDS = new Date("2027-03-01T12:00:00Z");

async function kubeconfig(): Promise<string> {
    const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
    const keys = await webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const certificate = await X509CertificateGenerator.createSelfSigned(
        { name: "CN=system:admin", notBefore: new Date("2026-03-01T12:00:00Z"), notAfter: ENDS, keys },
        webcrypto,
    );
    const data = Buffer.from(certificate.toString("pem")).toString("base64");
    return stringify({ users: [{ name: "east", user: { "client-certificate-data": data } }] });
}

test.each(["", "not yaml: [", "users: []", "users: [{ name: a, user: { token: t } }]"])(
    "nothing is said of one without a certificate (%s)",
    (text) => {
        expect(kubeconfigWarning("east", text, Date.parse("2030-01-01"))).toBeUndefined();
    },
);

test.each([
    ["2026-11-01T11:59:59Z", undefined],
    ["2026-11-01T12:00:00Z", "ends"],
    ["2027-03-01T11:59:59Z", "ends"],
    ["2027-03-01T12:00:01Z", "has ended"],
])("at %s, it %s", async (now, ends) => {
    const warning = kubeconfigWarning("east", await kubeconfig(), Date.parse(now));
    expect(warning).toBe(
        ends === undefined
            ? undefined
            : `the kubeconfig of east ${ends} on 2027-03-01: raise clusters.east.rke2.certificateGeneration by one, and run up`,
    );
});

test.each([
    ["2027-01-30T11:59:59Z", undefined],
    ["2027-01-30T12:00:00Z", "ends"],
    ["2027-03-01T12:00:01Z", "has ended"],
])("at %s, one that somebody else makes %s", async (now, ends) => {
    const warning = existingKubeconfigWarning("north", await kubeconfig(), Date.parse(now));
    expect(warning).toBe(
        ends === undefined
            ? undefined
            : `the kubeconfig of north ${ends} on 2027-03-01: have another one made, put it where clusters.north.kubernetes.kubeconfig says, and run up`,
    );
});
