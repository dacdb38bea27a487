import { minorOf } from "../../model/support/version.ts";

/** Whether the chart's minor version is at least this one. */
export function since(minor: number, { version }: { readonly version: string }): boolean {
    return minorOf(version) >= minor;
}
