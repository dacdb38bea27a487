import { mkdtempSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";

import * as pulumi from "@pulumi/pulumi";
import { beforeEach, expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { placeholders } from "../../plan/placeholders.ts";
import { accept } from "../../stacks/accept.ts";
import { stackSecrets } from "../../stacks/secrets.ts";
import { twoClusters, type TwoClusters } from "../support/mesh.ts";
import { testSecrets } from "../support/program.ts";

const KEY = "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
const folder = mkdtempSync(join(tmpdir(), "keys-"));

beforeEach(async () => {
    await pulumi.runtime.setMocks(placeholders, "project", "test");
    pulumi.runtime.setAllConfig({}, []);
});

/** What is said when a mesh is spoilt, with the configuration of a real stack. */
function said(spoil: (mesh: TwoClusters) => void, { refuseWarnings = false } = {}): string {
    const mesh = twoClusters();
    spoil(mesh);
    try {
        const { warnings } = accept("test", mesh, { secrets: stackSecrets(), refuseWarnings });
        return `accepted with ${warnings.length} warnings`;
    } catch (error) {
        if (!(error instanceof pulumi.RunError)) throw error;
        return error.message.replaceAll(process.cwd(), "<here>");
    }
}

it("accepts a mesh that names nothing of this machine", () => {
    expect(said(() => undefined)).toBe("accepted with 0 warnings");
});

it("names each secret that the stack does not have, and how to set it", () => {
    expect(
        said((mesh) => {
            mesh.ssh = { auth: { privateKey: fromConfig("sshKey") } };
            mesh.clusters.east.token = fromConfig("eastToken");
        }),
    ).toMatchInlineSnapshot(`
      "test: 2 problems
      ✖ clusters.east.ssh.auth.privateKey = sshKey
          is a secret that the stack's configuration does not have
          fix: run: pulumi config set --secret sshKey
      ✖ clusters.east.token = eastToken
          is a secret that the stack's configuration does not have
          fix: run: pulumi config set --secret eastToken"
    `);
});

it("refuses a secret that stands in the configuration in plain text, without repeating it", () => {
    pulumi.runtime.setAllConfig({ "project:eastToken": "hunter2" }, []);
    expect(said(({ clusters }) => void (clusters.east.token = fromConfig("eastToken"))))
        .toMatchInlineSnapshot(`
      "test: 1 problem
      ✖ clusters.east.token = eastToken
          stands in the stack's configuration in plain text
          fix: change it, and run: pulumi config set --secret eastToken"
    `);
});

it("refuses a private key that is none, without repeating it", () => {
    pulumi.runtime.setAllConfig({ "project:sshKey": "hunter2" }, ["project:sshKey"]);
    const message = said((mesh) => void (mesh.ssh = { auth: { privateKey: fromConfig("sshKey") } }));
    expect(message).toMatchInlineSnapshot(`
      "test: 1 problem
      ✖ clusters.east.ssh.auth.privateKey = sshKey
          is not a private key in PEM or OpenSSH form
          fix: run: pulumi config set --secret sshKey < KEY_FILE"
    `);
    expect(message).not.toContain("hunter2");
});

it("accepts secrets that are there and encrypted", () => {
    pulumi.runtime.setAllConfig({ "project:sshKey": KEY, "project:eastToken": "hunter2" }, [
        "project:sshKey",
        "project:eastToken",
    ]);
    expect(
        said((mesh) => {
            mesh.ssh = { auth: { privateKey: fromConfig("sshKey") } };
            mesh.clusters.east.token = fromConfig("eastToken");
        }),
    ).toBe("accepted with 0 warnings");
});

it("refuses a key file that cannot be read", () => {
    expect(said((mesh) => void (mesh.ssh = { auth: { privateKeyFile: "/nowhere/id_ed25519" } })))
        .toMatchInlineSnapshot(`
      "test: 1 problem
      ✖ clusters.east.ssh.auth.privateKeyFile = /nowhere/id_ed25519
          cannot be read (ENOENT)
          fix: correct the path, or take the key from the configuration: auth: { privateKey: fromConfig(...) }"
    `);
});

it("looks for ~/ in the home directory", () => {
    const missing = said((mesh) => void (mesh.ssh = { auth: { privateKeyFile: "~/.ssh/no-such-key" } }));
    expect(missing).toContain("cannot be read (ENOENT)");
    expect(missing).not.toContain(homedir());
});

it("refuses a public key in place of the private one", () => {
    const file = join(folder, "id.pub");
    writeFileSync(file, "ssh-ed25519 AAAA");
    expect(said((mesh) => void (mesh.ssh = { auth: { privateKeyFile: file } }))).toContain(
        "is not a private key in PEM or OpenSSH form",
    );
});

it("reads a key file as a secret", async () => {
    const file = join(folder, "id");
    writeFileSync(file, KEY);
    expect(said((mesh) => void (mesh.ssh = { auth: { privateKeyFile: file } }))).toBe(
        "accepted with 0 warnings",
    );
    expect(await pulumi.isSecret(stackSecrets().keyFile(file))).toBe(true);
});

it("refuses a chart that is not there", () => {
    expect(
        said((mesh) => {
            mesh.cilium.chart = { path: "./charts/cilium-1.19.6.tgz" };
            mesh.clusters.east.loadBalancer = {
                provider: "metallb",
                chart: { path: "./charts/metallb" },
                pools: { mesh: ["192.168.10.200-192.168.10.219"] },
            };
        }),
    ).toMatchInlineSnapshot(`
      "test: 2 problems
      ✖ cilium.chart.path = "./charts/cilium-1.19.6.tgz"
          does not exist; a relative path begins at <here>
          fix: put the chart there, or name a repository
      ✖ clusters.east.loadBalancer.chart.path = "./charts/metallb"
          does not exist; a relative path begins at <here>
          fix: put the chart there, or name a repository"
    `);
});

it("reports what is wrong with the mesh and with this machine at once", () => {
    expect(
        said((mesh) => {
            mesh.clusters.west.id = 1;
            mesh.ssh = { auth: { privateKeyFile: "/nowhere/id_ed25519" } };
        }),
    ).toContain("test: 2 problems");
});

it("refuses warnings where the stack wants that", () => {
    const spoil = ({ clusters }: TwoClusters) => void (clusters.east.meshApi = { type: "NodePort" });
    expect(said(spoil)).toBe("accepted with 1 warnings");
    expect(said(spoil, { refuseWarnings: true })).toContain("test: 1 problem\n✖ clusters.east.meshApi.type");
});

it.each([[undefined], ["dev"], [{}]])("refuses %o with a message and no stack", (description) => {
    expect(() => accept("test", description, { secrets: testSecrets, refuseWarnings: false })).toThrow(
        pulumi.RunError,
    );
});
