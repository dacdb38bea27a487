import { findCommand } from "../../../ops/find-command.ts";
import { run } from "./run.ts";

/** Why a file did not come. */
export interface Refusal {
    readonly reason: string;
    /** Whether the host cannot be reached, so that there is no use in asking it again. */
    readonly unreachable: boolean;
}

/** Brings a file from the web; gives the reason where it does not come. */
export type FetchFile = (url: string, file: string) => Promise<Refusal | undefined>;

/** curl's exit codes for a host without a name, an answer or a certificate, and for a proxy that does not let it through. */
const UNREACHABLE = [5, 6, 7, 28, 35, 56, 60, 97];

/** By curl, which knows the machine's proxies and certificates. It gives up soon where nobody answers. */
export const fetchFile: FetchFile = async (url, file) => {
    const curl = findCommand("curl", process.env["PATH"]);
    if (curl === undefined) return { reason: "there is no curl", unreachable: true };
    const waiting = ["--connect-timeout", "4", "--speed-limit", "1024", "--speed-time", "20"];
    const { status, stderr } = await run(curl, ["-fsSL", "--proto", "=https", ...waiting, "-o", file, url]);
    if (status === 0) return undefined;
    // Some reasons are followed by advice on curl's options.
    const [said = ""] = stderr.trim().split("\n");
    const reason = said === "" ? `curl ended with ${status ?? "a signal"}` : said;
    return { reason, unreachable: UNREACHABLE.includes(status ?? 0) };
};
