import { z } from "zod";

import type { ApiClient } from "../api/client.ts";
import type { PodObject } from "../pod/pod-object.ts";

const ANSWER = z.object({ status: z.object({ token: z.string(), expirationTimestamp: z.string() }) });

interface Issued {
    readonly token: string;
    readonly renewAt: number;
}

/** The tokens of a pod's service account, each renewed when most of its time is over. */
export class ServiceAccountTokens {
    readonly #client: ApiClient;
    readonly #pod: PodObject;
    readonly #issued = new Map<string, Issued>();

    constructor(client: ApiClient, pod: PodObject) {
        this.#client = client;
        this.#pod = pod;
    }

    /** A token that is valid for a good while yet. */
    async token(audience: string, expirationSeconds: number): Promise<string> {
        const known = this.#issued.get(audience);
        if (known !== undefined && Date.now() < known.renewAt) return known.token;
        const { metadata, spec } = this.#pod;
        const path = `/api/v1/namespaces/${metadata.namespace}/serviceaccounts/${spec.serviceAccountName}/token`;
        const answer = await this.#client.post(path, {
            apiVersion: "authentication.k8s.io/v1",
            kind: "TokenRequest",
            spec: {
                audiences: audience === "" ? [] : [audience],
                expirationSeconds,
                boundObjectRef: { apiVersion: "v1", kind: "Pod", name: metadata.name, uid: metadata.uid },
            },
        });
        const { token, expirationTimestamp } = ANSWER.parse(answer).status;
        const left = Date.parse(expirationTimestamp) - Date.now();
        this.#issued.set(audience, { token, renewAt: Date.now() + left * 0.8 });
        return token;
    }
}
