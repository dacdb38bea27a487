import { spawnSync } from "node:child_process";
import {
    chmodSync,
    copyFileSync,
    mkdirSync,
    mkdtempSync,
    readFileSync,
    rmSync,
    symlinkSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

let home = "";

/** A clone that has .ci/run and the README's marker; npm and the planning of stacks are fakes that write down their calls. */
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "clone-"));
    mkdirSync(join(home, ".ci"));
    copyFileSync(join(ROOT, ".ci/run"), join(home, ".ci/run"));
    write(".ci/install-go", '#!/bin/bash\necho install-go >>"$LOG"\necho /opt/go/bin\n');
    chmodSync(join(home, ".ci/install-go"), 0o755);
    write("package.json", '{ "type": "module" }');
    write(
        "README.md",
        "# x\n\n<!-- command: test -->\n\n```sh\nnpm ci && npm test -- --from-readme\n```\n\n```sh\nfalse\n```\n",
    );
    mkdirSync(join(home, "ops"));
    symlinkSync(join(ROOT, "ops/test-summary.ts"), join(home, "ops/test-summary.ts"));
    planAll("same");
    command("npm", npm());
    for (const there of ["shellcheck", "etcd", "etcdctl", "sshd", "unzip"]) command(there, "exit 0");
    command("id", "echo 0");
    command("uname", "echo Linux");
    symlinkSync(process.execPath, join(home, "bin", "node"));
});

afterEach(() => {
    rmSync(home, { recursive: true });
});

function write(name: string, content: string): void {
    mkdirSync(dirname(join(home, name)), { recursive: true });
    writeFileSync(join(home, name), content);
}

function command(name: string, body: string): void {
    write(`bin/${name}`, `#!/bin/bash\n${body}\n`);
    chmodSync(join(home, "bin", name), 0o755);
}

function npm({ failing = "", tests = "5 passed (5)", refusal = 1 } = {}): string {
    return [
        'echo "npm $*" >>"$LOG"',
        `if [[ "$*" == "${failing}" ]]; then exit 3; fi`,
        `if [[ "$1" == test ]]; then echo "      Tests  ${tests}"; [[ "${tests}" != *failed* ]]; exit; fi`,
        `if [[ "$*" == *--description* ]]; then exit ${refusal}; fi`,
    ].join("\n");
}

function planAll(content: string): void {
    write(
        "ops/plan-all.ts",
        `import { appendFileSync, mkdirSync, writeFileSync } from "node:fs";
const folder = String(process.argv[2]);
mkdirSync(folder);
writeFileSync(folder + "/plan.json", ${content === "same" ? '"same"' : "String(process.hrtime.bigint())"});
appendFileSync(String(process.env["LOG"]), "plans\\n");
`,
    );
}

function run() {
    const log = join(home, "log");
    writeFileSync(log, "");
    const { status, stdout, stderr } = spawnSync(join(home, ".ci/run"), {
        cwd: tmpdir(),
        encoding: "utf8",
        env: { PATH: `${join(home, "bin")}:/usr/bin:/bin`, LOG: log, TMPDIR: home },
    });
    return {
        status,
        output: stdout + stderr,
        lastLine: stdout.trimEnd().split("\n").at(-1),
        calls: readFileSync(log, "utf8").trim().split("\n"),
    };
}

describe(".ci/run", () => {
    it("checks everything in order, with the README's own test command, and ends with the tests' count", () => {
        const { status, lastLine, calls } = run();
        expect(status).toBe(0);
        expect(lastLine).toBe("5 passed, 0 failed");
        expect(calls.slice(0, 10)).toEqual([
            "npm ci",
            "install-go",
            "npm run format:check",
            "npm run lint",
            "npm run typecheck",
            "npm ci",
            "npm test -- --from-readme",
            "npm run test:charts",
            "plans",
            "plans",
        ]);
        expect(calls[10]).toMatch(
            /^npm run --silent plan -- --description \S+\/refused\.ts --out \S+\/refused$/,
        );
        expect(calls.slice(11)).toEqual(["npm run lab -- programs", "npm run lab -- test"]);
    });

    it("has the Go that was brought for what comes after", () => {
        command("npm", `${npm()}\nif [[ "$*" == "run test:charts" ]]; then echo "$PATH" >>"$LOG"; fi`);
        const { calls } = run();
        expect(calls[calls.indexOf("npm run test:charts") + 1]).toMatch(/^\/opt\/go\/bin:/);
    });

    it("ends where Go can neither be found nor brought", () => {
        write(".ci/install-go", "#!/bin/bash\necho 'install Go' >&2\nexit 4\n");
        const { status, output, calls } = run();
        expect(status).toBe(4);
        expect(output).toContain("install Go");
        expect(calls).toEqual(["npm ci"]);
    });

    it.each([
        ["id", "echo 1000"],
        ["uname", "echo Darwin"],
    ])("says that it leaves out the lab where it cannot be: %s", (name, body) => {
        command(name, body);
        const { status, output, calls } = run();
        expect(status).toBe(0);
        expect(output).toContain("skipped: the lab needs Linux and root");
        expect(calls).not.toContain("npm run lab -- test");
    });

    it("fails with the tests, and still counts them", () => {
        command("npm", npm({ tests: "2 failed | 3 passed (5)" }));
        const { status, lastLine, calls } = run();
        expect(status).toBe(1);
        expect(lastLine).toBe("3 passed, 2 failed");
        expect(calls).not.toContain("plans");
    });

    it.each(["ci", "run format:check", "run lint", "run typecheck", "run test:charts", "run lab -- test"])(
        "ends where npm %s fails, without a count",
        (failing) => {
            command("npm", npm({ failing }));
            const { status, output } = run();
            expect(status).toBe(3);
            expect(output).not.toContain("passed, 0 failed");
        },
    );

    it("fails where a second plan differs", () => {
        planAll("time");
        const { status, output } = run();
        expect(status).toBe(1);
        expect(output).toContain("plan.json");
        expect(output).not.toContain("passed, 0 failed");
    });

    it("fails where a description that is wrong is not refused, or not by 1", () => {
        for (const refusal of [0, 2]) {
            command("npm", npm({ refusal }));
            const { status, output } = run();
            expect(status).toBe(1);
            expect(output).toContain(`the plan ended with ${refusal}, not with 1`);
        }
    });

    it("fails where the README names no test command", () => {
        write("README.md", "# x\n");
        const { status, output } = run();
        expect(status).not.toBe(0);
        expect(output).toContain("the README has no command behind its marker");
    });

    it("has nothing that shellcheck objects to", () => {
        const { status, stdout, error } = spawnSync(
            "shellcheck",
            [join(ROOT, ".ci/run"), join(ROOT, ".ci/install-go")],
            { encoding: "utf8" },
        );
        expect(error?.message ?? "", "install shellcheck: apt-get install -y shellcheck").toBe("");
        expect(stdout).toBe("");
        expect(status).toBe(0);
    });
});
