import { readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";

import { readCommandLine } from "./command-line.ts";
import { Fatal } from "./fatal.ts";
import { PATHS } from "./paths.ts";
import { SUPERVISOR_PORT } from "./protocol.ts";
import { SupervisorClient } from "./supervisor-client.ts";
import { parseToken } from "./token.ts";

const FLAGS = ["token", "new-token", "server", "data-dir", "debug"];

/** `rke2 token rotate`: a server that runs takes another token. */
export async function tokenCommand(args: readonly string[]): Promise<void> {
    const { flags, words } = readCommandLine(args, (flag) => FLAGS.includes(flag), ["debug"]);
    const [action = ""] = words;
    if (action !== "rotate") throw new Fatal(`the simulated RKE2 knows token rotate, not token ${action}`);
    console.log(
        "\u001b[33mWARNING\u001b[0m: Recommended to keep a record of the old token. If restoring from a snapshot, you must use the token associated with that snapshot.",
    );
    const flag = (name: string) => flags.get(name)?.at(-1);
    const token = parseToken(
        flag("token") ?? process.env["RKE2_TOKEN"] ?? readFileSync(PATHS.token, "utf8").trim(),
        "server",
    );
    const url = flag("server") ?? process.env["RKE2_URL"] ?? `https://127.0.0.1:${SUPERVISOR_PORT}`;
    const client = await SupervisorClient.connect(url, token);
    try {
        await client.rotateToken(flag("new-token"));
    } finally {
        client.close();
    }
    await pause(1000);
    console.log("Token rotated, restart rke2 nodes with new token");
}
