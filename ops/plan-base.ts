/*
 * `node ops/plan-base.ts REF DIR`: the plans of the commit that this branch left REF at, made in a work tree of their own
 * with that commit's own packages. A base that cannot be planned is no failure of a pull request: DIR/failed.txt says why.
 */
import { execFileSync, type ExecFileSyncOptions } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

/** Plans the merge base of HEAD and `ref` into `folder`; gives the commit, or nothing where there is no common one. */
export function planBase(ref: string, folder: string, cwd = process.cwd()): string | undefined {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    const failed = (reason: string) => {
        writeFileSync(join(folder, "failed.txt"), `${reason}\n`);
    };
    const commit = attempt(() => text("git", ["merge-base", "HEAD", ref], { cwd }));
    if (commit === undefined) {
        failed(`${ref} and this branch have no commit in common`);
        return undefined;
    }
    const tree = mkdtempSync(join(tmpdir(), "plan-base-"));
    try {
        text("git", ["worktree", "add", "--detach", "--force", tree, commit], { cwd });
        if (!existsSync(join(tree, "ops", "plan-all.ts"))) {
            failed(`${commit.slice(0, 12)} has no program that plans`);
            return commit;
        }
        const done = attempt(() => {
            show("npm", ["ci"], { cwd: tree });
            return true;
        });
        if (done === undefined) failed(`the packages of ${commit.slice(0, 12)} cannot be installed`);
        // A stack that was refused there has its own refused.txt.
        else {
            attempt(() => {
                show(process.execPath, ["ops/plan-all.ts", resolve(folder)], { cwd: tree });
            });
        }
        return commit;
    } finally {
        attempt(() => text("git", ["worktree", "remove", "--force", tree], { cwd }));
        rmSync(tree, { recursive: true, force: true });
    }
}

function text(command: string, args: readonly string[], options: ExecFileSyncOptions): string {
    return execFileSync(command, args, { ...options, stdio: ["ignore", "pipe", "pipe"] })
        .toString()
        .trim();
}

function show(command: string, args: readonly string[], options: ExecFileSyncOptions): void {
    execFileSync(command, args, { ...options, stdio: ["ignore", "inherit", "inherit"] });
}

function attempt<Value>(action: () => Value): Value | undefined {
    try {
        return action();
    } catch (error) {
        console.error(error instanceof Error ? error.message : String(error));
        return undefined;
    }
}

if (import.meta.main) {
    const [ref, folder] = process.argv.slice(2);
    if (ref === undefined || folder === undefined) throw new Error("usage: node ops/plan-base.ts REF DIR");
    console.log(`base: ${planBase(ref, folder) ?? "none"}`);
}
