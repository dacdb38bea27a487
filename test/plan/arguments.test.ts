import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";

import { parseArguments, USAGE } from "../../plan/arguments.ts";

describe("parseArguments", () => {
    it.each([
        [[], { stack: "dev", out: "plan-out/dev", help: false }],
        [["prod"], { stack: "prod", out: "plan-out/prod", help: false }],
        [["--out", "x/y", "prod"], { stack: "prod", out: "x/y", help: false }],
        [
            ["--description", "my.ts"],
            { stack: "dev", description: "my.ts", out: "plan-out/dev", help: false },
        ],
        [
            ["lab", "--description=my.ts", "--out=o"],
            { stack: "lab", description: "my.ts", out: "o", help: false },
        ],
        [["--help"], { stack: "dev", out: "plan-out/dev", help: true }],
        [["-h"], { stack: "dev", out: "plan-out/dev", help: true }],
    ])("reads %j", (argv, expected) => {
        expect(parseArguments(argv)).toEqual(expected);
    });

    it.each([
        [["dev", "prod"], "one stack at a time, but there are 2: dev, prod"],
        [["--nope"], "Unknown option '--nope'"],
        [["--out"], "Option '--out <value>' argument missing"],
        [["--out="], "--out needs a value"],
        [["--description="], "--description needs a value"],
        [["--description", "a.ts", "--description", "b.ts"], "--description is given more than once"],
        [["--out=a", "--out=a"], "--out is given more than once"],
        [["--help=yes"], "Option '-h, --help' does not take an argument"],
        [["../dev"], '"../dev" is not the name of a stack: letters, digits, hyphens, dots and underscores'],
        [[".."], '".." is not the name of a stack: letters, digits, hyphens, dots and underscores'],
        [[""], '"" is not the name of a stack: letters, digits, hyphens, dots and underscores'],
    ])("refuses %j in one message, with the usage", (argv, message) => {
        expect(() => parseArguments(argv)).toThrow(new pulumi.RunError(`${message}\n\n${USAGE}`));
    });
});
