import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import { fromConfig } from "../../../model/describe.ts";
import { formatProblem } from "../../../model/problem.ts";
import { ROOT } from "../../support/certificates.ts";
import { twoClusters } from "../../support/mesh.ts";

function said(certificates: unknown): string {
    return checkMesh({ ...twoClusters(), certificates })
        .problems.map(formatProblem)
        .join("\n");
}

const privateKey = fromConfig("meshCaKey");

it.each([
    ["its key", "-----BEGIN EC PRIVATE KEY-----\nSECRET\n-----END EC PRIVATE KEY-----\n"],
    ["its key beside it", `${ROOT}-----BEGIN EC PRIVATE KEY-----\nSECRET\n-----END EC PRIVATE KEY-----\n`],
    ["the path of a file", "SECRET/ca.pem"],
    ["half of one", ROOT.slice(0, 200)],
])("refuses %s as the certificate of a CA, and does not repeat it", (_, certificate) => {
    const message = said({ ca: { certificate, privateKey } });
    expect(message).toBe(
        [
            "certificates.ca.certificate",
            "    must be one certificate or more in PEM form, and nothing else",
            "    fix: paste the CA's certificate, or read its file here; its key has a place of its own",
        ].join("\n"),
    );
    expect(message).not.toContain("SECRET");
});

it("knows who can make certificates, and leads there", () => {
    expect(said({ method: "certgen" })).toBe("");
    expect(said({ method: "pulumi" })).toBe("");
    expect(said({ method: "helm" })).toMatchInlineSnapshot(`
      "certificates.method = "helm"
          Invalid option: expected one of "pulumi"|"certgen"
          fix: see docs/reference.md for what may stand here"
    `);
    expect(said({ certgen: true })).toContain('certificates.certgen\n    write method: "certgen"\n');
    expect(said({ certManager: true })).toContain(
        'certificates.certManager\n    cert-manager does not make the certificates: this program does, or with method: "certgen" Cilium\'s own certgen in each cluster',
    );
});
