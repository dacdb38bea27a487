import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";

import { Fatal } from "./fatal.ts";
import type { Tools } from "./lab-host.ts";

/** Runs etcdctl to its end, and gives what it prints. Its arguments are seen by everyone on the host and hold no secret. */
export function etcdctl(tools: Tools, args: readonly string[]): string {
    const file = tools.etcdctl ?? "/usr/bin/etcdctl";
    if (!existsSync(file)) throw new Fatal("this host has no etcdctl: see /etc/lab/tools.json");
    try {
        return execFileSync(file, args, {
            env: { PATH: process.env["PATH"], ETCDCTL_API: "3" },
            stdio: ["ignore", "pipe", "pipe"],
            encoding: "utf8",
            maxBuffer: 64 * 1024 * 1024,
        });
    } catch (error) {
        throw new Fatal(`etcd: ${said(error)}`);
    }
}

/** The last line of what the program has said: it names the reason. */
function said(error: unknown): string {
    const text = error instanceof Error && "stderr" in error ? String(error.stderr) : String(error);
    return text.trim().split("\n").at(-1) ?? "";
}
