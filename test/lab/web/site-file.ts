import { existsSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";

/** The file that a request asks for, or `undefined` where there is none. A folder's own page is its file `index`. */
export function siteFile(www: string, host: string, target: string): string | undefined {
    const name = host.replace(/:\d+$/, "").toLowerCase();
    const path = pathOf(target);
    if (path === undefined || !/^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$/.test(name)) return undefined;
    const site = join(www, name);
    const asked = join(site, path);
    if (!existsSync(asked)) return undefined;
    const file = statSync(asked).isDirectory() ? join(asked, "index") : asked;
    if (!existsSync(file) || !statSync(file).isFile()) return undefined;
    // Links may lead about within a site, and nowhere else.
    return realpathSync(file).startsWith(realpathSync(site) + sep) ? file : undefined;
}

/** The decoded path of a request, or `undefined` where it is none or climbs. */
function pathOf(target: string): string | undefined {
    if (!target.startsWith("/")) return undefined;
    const [raw = ""] = target.split(/[?#]/);
    let path: string;
    try {
        path = decodeURIComponent(raw);
    } catch {
        return undefined; // no encoding of a path
    }
    const parts = path.split("/");
    return path.includes("\0") || parts.includes("..") || parts.includes(".") ? undefined : path;
}
