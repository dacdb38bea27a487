import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { beforeAll, describe, expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { formatProblems } from "../../model/problem.ts";
import { resolveMesh } from "../../model/resolve.ts";
import { broughtCaProblems } from "../../stacks/certificate-end.ts";
import { keyFileProblems, secretValueProblems } from "../../stacks/secret-problems.ts";
import { authority, type Authority } from "../support/authorities.ts";
import { INTERMEDIATE, OLD_ROOT, ROOT } from "../support/certificates.ts";
import { twoClusters, type TwoClusters } from "../support/mesh.ts";

const privateKey = fromConfig("meshCaKey");

function ends(certificates: TwoClusters["certificates"], day: string): string {
    const mesh = resolveMesh({ ...twoClusters(), ...(certificates === undefined ? {} : { certificates }) });
    return formatProblems("test", broughtCaProblems(mesh.certificates, Date.parse(`${day}T00:00:00Z`)));
}

describe("the life of a CA that is brought", () => {
    it("is looked at before it signs, and of the whole chain", () => {
        expect(ends({ ca: { certificate: `${INTERMEDIATE}${ROOT}`, privateKey } }, "2026-12-01")).toBe(
            "test: 0 problems",
        );
        expect(ends({ ca: { certificate: `${INTERMEDIATE}${ROOT}`, privateKey } }, "2076-01-01")).toBe(
            [
                "test: 1 problem",
                "✖ certificates.ca.certificate = CN=Example mesh CA",
                "    ends on 2076-11-08, before a certificate that is signed today for 8760 hours",
                "    fix: bring one that lives longer, or shorten leafValidityHours; clusters that trust this one need a rotation: see nextCa",
            ].join("\n"),
        );
        expect(ends({ ca: { certificate: OLD_ROOT, privateKey } }, "2026-12-01")).toContain(
            "    has ended on 2026-11-21\n",
        );
    });

    it("cannot be changed where certgen signs with it", () => {
        expect(
            ends({ method: "certgen", ca: { certificate: OLD_ROOT, privateKey } }, "2026-12-01"),
        ).toContain(
            "    fix: bring one that lives longer, or shorten leafValidityHours; clusters that trust this one cannot get another with certgen: describe a new mesh",
        );
    });

    it("need not last for another certificate once the next CA signs", () => {
        const certificates = {
            ca: { certificate: INTERMEDIATE, privateKey },
            nextCaFrom: { certificate: ROOT, privateKey },
        };
        expect(ends({ ...certificates, nextCa: "signing" }, "2076-01-01")).toBe("test: 0 problems");
        expect(ends({ ...certificates, nextCa: "trusted" }, "2076-01-01")).toContain("test: 1 problem\n");
    });
});

describe("the key of a CA that is brought", () => {
    let ca: Authority;
    let other: Authority;
    beforeAll(async () => {
        ca = await authority("Example mesh CA");
        other = await authority("Another CA");
    });

    const inConfig = (value: string) =>
        formatProblems(
            "test",
            secretValueProblems(
                {
                    key: "meshCaKey",
                    kind: "private key",
                    path: "certificates.ca.privateKey",
                    certificate: ca.cert,
                },
                value,
                true,
            ),
        );
    const inFile = (text: string) => {
        const file = join(mkdtempSync(join(tmpdir(), "ca-")), "ca.key");
        writeFileSync(file, text);
        return formatProblems(
            "test",
            keyFileProblems(file, "certificates.ca.privateKeyFile", ca.cert),
        ).replace(file, "FILE");
    };

    it("is taken where it belongs to the certificate", () => {
        expect(inConfig(ca.key)).toBe("test: 0 problems");
        expect(inFile(ca.key)).toBe("test: 0 problems");
    });

    it("is refused where it belongs to another one", () => {
        expect(inConfig(other.key)).toBe(
            [
                "test: 1 problem",
                "✖ certificates.ca.privateKey = meshCaKey",
                "    is not the key of the CA's certificate, which is of CN=Example mesh CA",
                "    fix: run: pulumi config set --secret meshCaKey < KEY_FILE",
            ].join("\n"),
        );
        expect(inFile(other.key)).toBe(
            [
                "test: 1 problem",
                "✖ certificates.ca.privateKeyFile = FILE",
                "    is not the key of the CA's certificate, which is of CN=Example mesh CA",
                "    fix: name the file with the CA's own key",
            ].join("\n"),
        );
    });

    it.each([
        "hunter2",
        "-----BEGIN OPENSSH PRIVATE KEY-----\nAA\n",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAA\n",
    ])("is refused where nobody could sign with it, and never repeated", (text) => {
        const rule = "    is not a private key in PEM form without a passphrase\n";
        expect(inConfig(text)).toContain(rule);
        expect(inFile(text)).toContain(rule);
        expect(inConfig(text)).not.toContain("AA");
    });

    it("is missed where its file is", () => {
        expect(
            formatProblems(
                "test",
                keyFileProblems("/nowhere/ca.key", "certificates.ca.privateKeyFile", ca.cert),
            ),
        ).toContain(
            "    cannot be read (ENOENT)\n    fix: correct the path, or take the key from the configuration: privateKey: fromConfig(...)",
        );
    });
});
