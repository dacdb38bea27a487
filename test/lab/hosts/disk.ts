import { readdirSync } from "node:fs";
import { join } from "node:path";

/** What a host writes because someone logs in. */
const OF_LOGINS: readonly string[] = ["/var/log/lastlog", "/var/log/sshd.log", "/var/log/wtmp"];

/** The files in the topmost layer of a host's disk, folders not counted. A file of the image that it has removed counts too. */
export function filesOf(upper: string): string[] {
    return readdirSync(upper, { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => join("/", join(entry.parentPath, entry.name).slice(upper.length)))
        .filter((path) => !OF_LOGINS.includes(path))
        .sort();
}
