import { expect, test } from "vitest";

import { readCommandLine, withFlags } from "./command-line.ts";

const known = (flag: string) => ["name", "token", "cluster-reset", "etcd-s3"].includes(flag);
const read = (...args: string[]) => readCommandLine(args, known, ["cluster-reset", "etcd-s3"]);

test("flags have their values behind a sign or a space, and switches need none", () => {
    const { flags, words } = read("--name", "a", "--cluster-reset", "-t=x=y", "--etcd-s3=false", "word");
    expect(Object.fromEntries(flags)).toEqual({
        name: ["a"],
        token: ["x=y"],
        "cluster-reset": ["true"],
        "etcd-s3": ["false"],
    });
    expect(words).toEqual(["word"]);
});

test.each([
    [["--nam", "a"], "flag provided but not defined: --nam"],
    [["--name"], "flag needs an argument: --name"],
])("%j is refused", (args, message) => {
    expect(() => read(...args)).toThrow(message);
});

test("a flag counts for more than the files", () => {
    const config = new Map([["token", ["file"]]]);
    expect(withFlags(config, read("--token", "flag").flags).get("token")).toEqual(["flag"]);
});
