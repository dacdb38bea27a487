import { readFileSync } from "node:fs";

import { z } from "zod";

import { Fatal, messageOf } from "./fatal.ts";

const Host = z.object({ name: z.string(), address: z.string(), bridge: z.string() });

const Tools = z.object({
    node: z.string(),
    etcd: z.string(),
    etcdctl: z.string().optional(),
    "kube-apiserver": z.string(),
    "kube-controller-manager": z.string(),
    "kube-scheduler": z.string(),
    kubectl: z.string(),
});

/** The programs of the lab. */
export type Tools = z.infer<typeof Tools>;

/** What the lab says of this host. */
export function labHost(): z.infer<typeof Host> {
    return read("/etc/lab/host.json", Host);
}

/** Where the lab's programs are. */
export function labTools(): Tools {
    return read("/etc/lab/tools.json", Tools);
}

function read<T>(file: string, schema: z.ZodType<T>): T {
    try {
        return schema.parse(JSON.parse(readFileSync(file, "utf8")));
    } catch (error) {
        throw new Fatal(`the simulated RKE2 runs on hosts of the lab only: ${file}: ${messageOf(error)}`);
    }
}
