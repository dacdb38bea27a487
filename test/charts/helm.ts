import { findTool } from "../lab/binaries/tools.ts";

/** The Helm 3 of this machine; otherwise one that is downloaded or built once, where the lab keeps its programs. */
export async function findHelm(): Promise<string> {
    const { path } = await findTool("helm", (line) => {
        console.log(line);
    });
    return path;
}
