import { parseArgs } from "node:util";

/** A taint that the node is registered with. */
export interface Taint {
    readonly key: string;
    readonly value: string;
    readonly effect: string;
}

/** What the kubelet is told on its command line. */
export interface KubeletArguments {
    readonly kubeconfig: string;
    readonly nodeName: string;
    readonly nodeIp: string;
    /** Where pods find the API: it stands in for the address of the Service `kubernetes`. */
    readonly apiAddress: string;
    /** What the kubelet says that it is, as `v1.34.3+rke2r1`. */
    readonly version: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly taints: readonly Taint[];
}

const EFFECTS = ["NoSchedule", "PreferNoSchedule", "NoExecute"];

/** The arguments after the program's name, or an error that says which is wrong. */
export function parseArguments(args: readonly string[]): KubeletArguments {
    const { values } = parseArgs({
        args: [...args],
        options: {
            kubeconfig: { type: "string" },
            "node-name": { type: "string" },
            "node-ip": { type: "string" },
            "api-address": { type: "string" },
            "kubelet-version": { type: "string" },
            labels: { type: "string", default: "" },
            taints: { type: "string", default: "" },
        },
    });
    const needed = (name: "kubeconfig" | "node-name" | "node-ip" | "api-address" | "kubelet-version") => {
        const value = values[name];
        if (value === undefined || value === "") throw new Error(`--${name} is missing`);
        return value;
    };
    return {
        kubeconfig: needed("kubeconfig"),
        nodeName: needed("node-name"),
        nodeIp: needed("node-ip"),
        apiAddress: needed("api-address"),
        version: needed("kubelet-version"),
        labels: Object.fromEntries(entries(values.labels).map(parseLabel)),
        taints: entries(values.taints).map(parseTaint),
    };
}

function entries(list: string): string[] {
    return list.split(",").filter((entry) => entry !== "");
}

function parseLabel(text: string): [string, string] {
    const equals = text.indexOf("=");
    if (equals < 1) throw new Error(`--labels: "${text}" is not KEY=VALUE`);
    return [text.slice(0, equals), text.slice(equals + 1)];
}

function parseTaint(text: string): Taint {
    const [, key, value = "", effect = ""] = /^([^=:]+)(?:=([^:]*))?:(\w+)$/.exec(text) ?? [];
    if (key === undefined || !EFFECTS.includes(effect)) {
        throw new Error(
            `--taints: "${text}" is not KEY=VALUE:EFFECT, with an effect of ${EFFECTS.join(", ")}`,
        );
    }
    return { key, value, effect };
}
