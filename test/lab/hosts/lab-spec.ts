import { isAbsolute } from "node:path";

import { Address4 } from "ip-address";
import { z } from "zod";

const host = z.object({ name: z.string(), address: z.string() }).readonly();
export const labSpec = z
    .object({
        name: z.string(),
        hosts: z.array(host).readonly(),
        tools: z.record(z.string(), z.string()).readonly(),
        authorizedKeys: z.array(z.string()).readonly(),
        sites: z.array(z.string()).readonly(),
        names: z.record(z.string(), z.array(z.string()).readonly()).readonly().optional(),
    })
    .readonly();

/** A machine of a lab. */
export interface HostSpec {
    readonly name: string;
    /** An IPv4 address in the lab's network. */
    readonly address: string;
}

/** What a lab is made of. */
export interface LabSpec {
    /** At most 20 lower-case letters, digits and hyphens. */
    readonly name: string;
    readonly hosts: readonly HostSpec[];
    /** Where programs are, by name. Every host finds them at the same paths, and the list in /etc/lab/tools.json. */
    readonly tools: Readonly<Record<string, string>>;
    /** Public keys that may log in as root on every host. */
    readonly authorizedKeys: readonly string[];
    /** The names of the lab's web server: it serves `<folder>/www/<name>/`. */
    readonly sites: readonly string[];
    /** Further names that every host and the lab itself resolve, with their addresses. @default none */
    readonly names?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Every lab's network; no other lab and not the machine itself sees it. */
export const NETWORK = "10.88.0.0/16";
/** The lab's own address in it: that of the bridge, of the engine and of the web server. */
export const BRIDGE = "10.88.0.1";

const LAB_NAME = /^[a-z0-9](?:[a-z0-9-]{0,19})$/;
const HOST_NAME = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const DNS_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** What is wrong with a lab's description: a sentence each. */
export function specProblems(spec: LabSpec): string[] {
    const problems = labNameProblems(spec.name);
    spec.hosts.forEach((one, index) => {
        problems.push(...hostProblems(one, spec.hosts.slice(0, index)));
    });
    for (const name of [...spec.sites, ...Object.keys(spec.names ?? {})]) {
        if (!DNS_NAME.test(name)) problems.push(`"${name}" is no DNS name`);
    }
    for (const [tool, path] of Object.entries(spec.tools)) {
        if (!isAbsolute(path)) problems.push(`the path of ${tool} is not absolute: ${path}`);
    }
    for (const key of spec.authorizedKeys) {
        if (!/^\S+ \S+[^\n]*$/.test(key))
            problems.push("an authorised key is not one line of type and base64");
    }
    return problems;
}

/** What is wrong with a lab's name. */
export function labNameProblems(name: string): string[] {
    return LAB_NAME.test(name)
        ? []
        : [`"${name}" is no name for a lab: use 1 to 20 lower-case letters, digits and hyphens`];
}

/** What is wrong with one more host, beside the ones there are. */
export function hostProblems({ name, address }: HostSpec, others: readonly HostSpec[]): string[] {
    const problems: string[] = [];
    if (!HOST_NAME.test(name)) problems.push(`"${name}" is no host name`);
    if (others.some((other) => other.name === name)) problems.push(`there are two hosts ${name}`);
    if (!Address4.isValid(address) || !new Address4(address).isInSubnet(new Address4(NETWORK))) {
        problems.push(`${name}: ${address} is no address in ${NETWORK}`);
    }
    const holder = address === BRIDGE ? "the lab itself" : others.find((o) => o.address === address)?.name;
    if (holder !== undefined) problems.push(`${name}: ${address} is the address of ${holder}`);
    return problems;
}
