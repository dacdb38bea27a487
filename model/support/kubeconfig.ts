import { parseDocument } from "yaml";
import { z } from "zod";

const named = z.object({ name: z.string() });

const shape = z.object({
    "current-context": z.string().min(1),
    clusters: z.array(named.extend({ cluster: z.looseObject({ server: z.string().min(1) }) })).min(1),
    contexts: z.array(named.extend({ context: z.object({ cluster: z.string(), user: z.string() }) })).min(1),
    users: z.array(named.extend({ user: z.looseObject({}) })).min(1),
});

/** Keys that name a file. */
const FILES = ["certificate-authority", "client-certificate", "client-key", "tokenFile"];

/** Why a text is no kubeconfig that leads anywhere; nothing if it is. What it holds is never said. */
export function kubeconfigFault(text: string): string | undefined {
    const document = parseDocument(text);
    if (document.errors.length > 0) return "is not YAML";
    const config = shape.safeParse(document.toJS()).data;
    if (config === undefined)
        return "is not a kubeconfig with clusters, users, contexts and a current-context";
    const context = config.contexts.find(({ name }) => name === config["current-context"])?.context;
    if (context === undefined) return "has a current-context that is none of its contexts";
    const cluster = config.clusters.find(({ name }) => name === context.cluster)?.cluster;
    if (cluster === undefined) return "has no cluster of the name that its current context says";
    const user = config.users.find(({ name }) => name === context.user)?.user;
    if (user === undefined) return "has no user of the name that its current context says";
    return [cluster, user].some(leadsElsewhere)
        ? "names files by relative paths, which are found from its own folder only"
        : undefined;
}

function leadsElsewhere(part: object): boolean {
    return FILES.some((key) => {
        const file: unknown = Reflect.get(part, key);
        return typeof file === "string" && !file.startsWith("/");
    });
}
