import { bracketed } from "../../model/net/host-port.ts";

/** Where RKE2 registers nodes. */
export function supervisorUrl(host: string): string {
    return `https://${bracketed(host)}:9345`;
}

/** Where the Kubernetes API answers. */
export function apiUrl(host: string): string {
    return `https://${bracketed(host)}:6443`;
}
