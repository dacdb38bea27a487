import { basename } from "node:path";

import type { Lab } from "../hosts/lab.ts";

/** A program that runs on a host for good, with the process that it is. */
export interface Running {
    readonly host: string;
    readonly program: string;
    readonly pid: number;
}

/** What goes on and on, by the first word of its command line; whatever else runs on a host comes and goes. */
const LASTING: ReadonlyMap<string, string> = new Map([
    ["etcd", "etcd"],
    ["kube-apiserver", "kube-apiserver"],
    ["kube-controller-manager", "kube-controller-manager"],
    ["kube-scheduler", "kube-scheduler"],
    ["cilium-operator-generic", "cilium-operator"],
    ["clustermesh-apiserver", "clustermesh-apiserver"],
    ["controller", "metallb-controller"],
]);

/** The same for what Node runs, by the folder of its main.ts. */
const LASTING_IN_NODE = /\/test\/lab\/(rke2|kubelet)\/main\.ts$/;

/** All lasting programs on all hosts. */
export function running(lab: Lab): Running[] {
    return lab.processes().flatMap(({ host, argv: [command = "", main = ""], pid }) => {
        const program = LASTING.get(basename(command)) ?? LASTING_IN_NODE.exec(main)?.[1];
        return host === undefined || program === undefined ? [] : [{ host, program, pid }];
    });
}

/** What runs in `some` and not in `others`, as `east-1 cilium-operator`; a program that has restarted is another one. */
export function missing(some: readonly Running[], others: readonly Running[]): string[] {
    const known = new Set(others.map(({ pid }) => pid));
    return some
        .filter(({ pid }) => !known.has(pid))
        .map(({ host, program }) => `${host} ${program}`)
        .sort();
}
