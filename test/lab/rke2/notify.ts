import { execFileSync } from "node:child_process";

import { messageOf } from "./fatal.ts";
import { log } from "./log.ts";

/** Tells systemd that the service is ready. Without systemd there is nobody to tell. */
export function notifyReady(): void {
    if (process.env["NOTIFY_SOCKET"] === undefined) return;
    try {
        execFileSync("systemd-notify", ["--ready"], {
            stdio: ["ignore", "ignore", "pipe"],
            encoding: "utf8",
        });
    } catch (error) {
        log.error(`systemd does not hear that the service is ready: ${messageOf(error)}`);
    }
}
