import { expect, it } from "vitest";

import { checkMesh } from "../../../model/check.ts";
import { formatProblem } from "../../../model/problem.ts";
import { twoClusters } from "../../support/mesh.ts";

function refused(rke2: object): string {
    const { problems } = checkMesh({ ...twoClusters(), rke2: { version: "v1.35.7+rke2r1", ...rke2 } });
    return problems.map(formatProblem).join("\n");
}

it("refuses what would not stay one word in a file that systemd reads", () => {
    expect(
        refused({
            proxy: { httpProxy: "http://a'b", noProxy: ["a", "b,c", "d\nE=1"] },
        }),
    ).toMatchInlineSnapshot(`
      "rke2.proxy.httpProxy = "http://a'b"
          must hold no space, comma, quote or backslash: it becomes part of a line in a file that systemd reads
          fix: write one name, address or range in each item, and other characters of an address as %20
      rke2.proxy.noProxy[1] = "b,c"
          must hold no space, comma, quote or backslash: it becomes part of a line in a file that systemd reads
          fix: write one name, address or range in each item, and other characters of an address as %20
      rke2.proxy.noProxy[2] = "d\\nE=1"
          must hold no space, comma, quote or backslash: it becomes part of a line in a file that systemd reads
          fix: write one name, address or range in each item, and other characters of an address as %20"
    `);
});

it("refuses a proxy's password, unseen", () => {
    const said = refused({ proxy: { httpsProxy: "http://me:hunter2@proxy.example.net:3128" } });
    expect(said).toMatchInlineSnapshot(`
      "rke2.proxy.httpsProxy
          must not hold a user or a password: it is shown in plans and messages
          fix: leave out everything up to the @"
    `);
    expect(said).not.toContain("hunter2");
});

it("refuses to ignore what no preflight finds", () => {
    expect(refused({ host: { ignore: ["memory", "memroy"] } }).split(",")[0]).toMatchInlineSnapshot(`
      "rke2.host.ignore[1] = "memroy"
          is no finding of the preflight
          fix: name one of: root"
    `);
});

it("refuses numbers that a roll-out cannot have, a schedule that is none, and a generation that goes back", () => {
    expect(
        refused({
            rollout: { agentsAtOnce: 51, drainSeconds: 0 },
            snapshots: { scheduleCron: "daily" },
            tokenGeneration: 0,
        }),
    ).toMatchInlineSnapshot(`
      "rke2.rollout.agentsAtOnce = 51
          Too big: expected number to be <=50
          fix: see docs/reference.md for what may stand here
      rke2.rollout.drainSeconds = 0
          Too small: expected number to be >=1
          fix: see docs/reference.md for what may stand here
      rke2.snapshots.scheduleCron = "daily"
          must be five fields of cron
          fix: write it as "0 */6 * * *"
      rke2.tokenGeneration = 0
          Too small: expected number to be >=1
          fix: see docs/reference.md for what may stand here"
    `);
});

it("refuses secrets that stand in the description, unseen", () => {
    const said = refused({
        registries: { configs: { "r.example": { auth: { username: "me", password: "hunter2" } } } },
        snapshots: {
            s3: { endpoint: "https://s3.example", bucket: "etcd", accessKey: "AKIA", secretKey: "hunter2" },
        },
    });
    expect(said).toMatchInlineSnapshot(`
      "rke2.registries.configs["r.example"].auth.password
          must name a secret of the stack's configuration, and not hold one
          fix: write fromConfig("someKey") here and run: pulumi config set --secret someKey
      rke2.snapshots.s3.endpoint = "https://s3.example"
          must be a host name, without https://
          fix: see docs/reference.md for what may stand here
      rke2.snapshots.s3.accessKey
          must name a secret of the stack's configuration, and not hold one
          fix: write fromConfig("someKey") here and run: pulumi config set --secret someKey
      rke2.snapshots.s3.secretKey
          must name a secret of the stack's configuration, and not hold one
          fix: write fromConfig("someKey") here and run: pulumi config set --secret someKey"
    `);
    expect(said).not.toMatch(/hunter2|AKIA/);
});

it("refuses a method that there is none of, and an address with a user", () => {
    expect(refused({ install: { method: "apt" } })).toMatchInlineSnapshot(`
      "rke2.install.method = "apt"
          is not one of the choices
          fix: write one of 'tar' | 'rpm' | 'air-gap'"
    `);
    expect(
        refused({
            install: { method: "air-gap", artifacts: { url: "https://me@files.example", checksums: "a" } },
        }),
    ).toMatchInlineSnapshot(`
      "rke2.install.artifacts.url
          must not hold a user or a password: it is shown in plans and messages
          fix: leave out everything up to the @"
    `);
});
