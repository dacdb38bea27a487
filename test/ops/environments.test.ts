import { spawnSync } from "node:child_process";

import { describe, expect, it } from "vitest";

import { environments } from "../../ops/environments.ts";

const DESCRIBED = ["dev", "prod"];

describe("the environments of a workflow", () => {
    it("are the named stacks, in the order they are named", () => {
        expect(environments({ PULUMI_STACKS: "prod, dev" }, DESCRIBED)).toEqual({ stacks: ["prod", "dev"] });
        expect(environments({ PULUMI_STACKS: " dev\nprod ", CREDENTIALS: "true" }, DESCRIBED)).toEqual({
            stacks: ["dev", "prod"],
        });
    });

    it.each([{}, { PULUMI_STACKS: "" }, { PULUMI_STACKS: " , " }])(
        "are none for %j, with a reason",
        (env) => {
            expect(environments(env, DESCRIBED)).toEqual({
                stacks: [],
                reason: "no stack: the repository's variable PULUMI_STACKS names none",
            });
        },
    );

    it("are none without a way to the state, with a reason", () => {
        expect(environments({ PULUMI_STACKS: "dev", CREDENTIALS: "false" }, DESCRIBED)).toEqual({
            stacks: [],
            reason: "no stack: this run has neither the secret PULUMI_ACCESS_TOKEN nor PULUMI_CONFIG_PASSPHRASE",
        });
    });

    it("are refused in one line where no one has described them", () => {
        const { status, stdout, stderr } = spawnSync(process.execPath, ["ops/environments.ts"], {
            cwd: new URL("../..", import.meta.url),
            env: { ...process.env, PULUMI_STACKS: "pord" },
            encoding: "utf8",
        });
        expect({ status, stdout, stderr }).toEqual({
            status: 1,
            stdout: "",
            stderr: "PULUMI_STACKS names pord, but stacks/ describes only aci-advanced, aci-simple, dev, edge, lab, prod\n",
        });
    });

    it("cannot be stacks that no one has described", () => {
        expect(() => environments({ PULUMI_STACKS: "dev,pord" }, DESCRIBED)).toThrow(
            "PULUMI_STACKS names pord, but stacks/ describes only dev, prod",
        );
    });
});
