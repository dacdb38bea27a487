import type { ApiClient } from "../api/client.ts";
import type { KubeletArguments } from "../arguments.ts";
import { reason, say } from "../log.ts";
import { timestamp } from "../timestamp.ts";
import { nodeConditions, nodeStatus } from "./node-object.ts";

/** The Lease tells that the node lives; the status only has to be said again this often. */
const EVERY_MS = 60_000;
const AGAIN_MS = 2_000;

/** Keeps the status of the node as it is. */
export class NodeStatus {
    readonly #client: ApiClient;
    readonly #args: KubeletArguments;
    readonly #since = new Map<string, string>();
    #networkReady = false;
    #timer: NodeJS.Timeout | undefined;
    #reporting: Promise<void> = Promise.resolve();

    constructor(client: ApiClient, args: KubeletArguments) {
        this.#client = client;
        this.#args = args;
    }

    /** Says now, and from now on, whether pods can have a network here. */
    report(networkReady: boolean): void {
        if (networkReady !== this.#networkReady) {
            say(
                networkReady
                    ? "the network is ready: the node is Ready"
                    : "the network is not ready: nor is the node",
            );
        }
        this.#networkReady = networkReady;
        this.#reporting = this.#reporting.then(() => this.#report());
    }

    async #report(): Promise<void> {
        clearTimeout(this.#timer);
        let next = EVERY_MS;
        try {
            await this.#client.patch(
                `/api/v1/nodes/${this.#args.nodeName}/status`,
                "strategic-merge",
                nodeStatus(this.#args, this.#conditions()),
            );
        } catch (error) {
            say(reason(error));
            next = AGAIN_MS;
        }
        this.#timer = setTimeout(() => {
            this.report(this.#networkReady);
        }, next);
    }

    #conditions() {
        return nodeConditions(this.#networkReady).map((condition) => {
            const key = `${condition.type} ${condition.status}`;
            if (!this.#since.has(key)) {
                for (const status of ["True", "False"]) this.#since.delete(`${condition.type} ${status}`);
            }
            const lastTransitionTime = this.#since.get(key) ?? timestamp();
            this.#since.set(key, lastTransitionTime);
            return { ...condition, lastTransitionTime };
        });
    }
}
