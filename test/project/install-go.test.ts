import { spawnSync } from "node:child_process";
import {
    chmodSync,
    existsSync,
    mkdirSync,
    mkdtempSync,
    readdirSync,
    readFileSync,
    rmSync,
    writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, it } from "vitest";

const SCRIPT = fileURLToPath(new URL("../../.ci/install-go", import.meta.url));

let home = "";

/** A machine without Go, where the proxy's archive has the right sum; what unpacks it makes what is in it. */
beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), "go-"));
    mkdirSync(join(home, "bin"));
    command("uname", 'case "$1" in -s) echo Linux ;; *) echo x86_64 ;; esac');
    command("curl", 'echo "curl ${*: -1}" >>"$LOG"; while [[ $1 != -o ]]; do shift; done; echo zip >"$2"');
    command("sha256sum", "read -r sum file; [[ -f $file ]]");
    command(
        "unzip",
        [
            "while [[ $1 != -d ]]; do shift; done",
            'go="$2"/golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64',
            'mkdir -p "$go"/bin "$go"/pkg/tool/linux_amd64 "$go"/src/cmd',
            'touch "$go"/bin/go "$go"/pkg/tool/linux_amd64/compile "$go"/src/_go.mod "$go"/src/cmd/_go.mod',
        ].join("\n"),
    );
});

afterEach(() => {
    rmSync(home, { recursive: true });
});

function command(name: string, body: string): void {
    writeFileSync(join(home, "bin", name), `#!/bin/bash\n${body}\n`);
    chmodSync(join(home, "bin", name), 0o755);
}

function run(env: Readonly<Record<string, string>> = {}) {
    const log = join(home, "log");
    writeFileSync(log, "");
    const { status, stdout, stderr } = spawnSync(SCRIPT, {
        encoding: "utf8",
        env: { PATH: `${join(home, "bin")}:/usr/bin:/bin`, HOME: home, LOG: log, ...env },
    });
    return { status, stdout: stdout.trim(), stderr, calls: readFileSync(log, "utf8").trim() };
}

const cached = (...path: string[]) => join(home, ".cache/multicluster", ...path);

it.each(["go1.21.0", "go1.26.8", "go1.30"])("leaves it at the Go that is there: %s", (version) => {
    command("go", `echo ${version}`);
    expect(run()).toEqual({ status: 0, stdout: join(home, "bin"), stderr: "", calls: "" });
});

it.each(["go1.19.8", "go1.3"])("brings one beside a Go that is too old: %s", (version) => {
    command("go", `echo ${version}`);
    const { status, stdout, calls } = run();
    expect([status, stdout]).toEqual([0, cached("go-1.26.8/bin")]);
    expect(calls).toBe(
        "curl https://proxy.golang.org/golang.org/toolchain/@v/v0.0.1-go1.26.8.linux-amd64.zip",
    );
});

it("unpacks it as Go itself would, and leaves nothing else", () => {
    run();
    expect(readdirSync(cached())).toEqual(["go-1.26.8"]);
    for (const program of ["bin/go", "pkg/tool/linux_amd64/compile"]) {
        expect(spawnSync("test", ["-x", cached("go-1.26.8", program)]).status, program).toBe(0);
    }
    for (const file of ["src/go.mod", "src/cmd/go.mod"]) {
        expect(existsSync(cached("go-1.26.8", file)), file).toBe(true);
    }
});

it("brings it once", () => {
    run();
    expect(run()).toEqual({ status: 0, stdout: cached("go-1.26.8/bin"), stderr: "", calls: "" });
});

it("asks the proxy that Go would ask", () => {
    expect(run({ GOPROXY: "https://proxy.example.net/go/,direct" }).calls).toMatch(
        /^curl https:\/\/proxy\.example\.net\/go\/golang\.org\/toolchain\/@v\//,
    );
});

it("keeps nothing of an archive that has another sum", () => {
    rmSync(join(home, "bin", "sha256sum"));
    const { status, stdout, stderr } = run();
    expect([status, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("go.zip: FAILED");
    expect(readdirSync(cached())).toEqual([]);
});

it("says what to do where it has none to bring", () => {
    command("uname", 'case "$1" in -s) echo Darwin ;; *) echo arm64 ;; esac');
    expect(run()).toEqual({
        status: 1,
        stdout: "",
        stderr: "install Go 1.21 or later: this brings it for Linux on amd64 and arm64 only\n",
        calls: "",
    });
});
