import { reason, say } from "../log.ts";
import { holdAddresses } from "../network/pod-network.ts";
import type { Pod } from "../pod/pod.ts";
import { Announcer, type AnnouncerArgs, type AnnouncerKind, type Holdings } from "./announcer.ts";

/** So long an address stays where it is while the pod that announces it is replaced. */
const KEEP_MS = 15_000;

/** All that is announced from this node, and for whom. */
export class Announcements {
    readonly #pods: () => Iterable<Pod>;
    readonly #announcers = new Map<string, { kind: AnnouncerKind; announcer: Announcer }>();
    readonly #holdings = new Map<AnnouncerKind, Holdings>();
    #applying: Promise<void> = Promise.resolve();

    constructor(pods: () => Iterable<Pod>) {
        this.#pods = pods;
    }

    /** Begins to announce for a pod, unless that has begun already. */
    begin(pod: Pod, args: Omit<AnnouncerArgs, "decided">): void {
        if (this.#announcers.has(pod.uid)) return;
        const announcer = new Announcer({
            ...args,
            decided: (holdings) => {
                this.#holdings.set(args.kind, holdings);
                this.apply();
            },
        });
        this.#announcers.set(pod.uid, { kind: args.kind, announcer });
    }

    /** The pod is no more. Unless another one takes its place, its addresses go. */
    end(pod: Pod): void {
        const ended = this.#announcers.get(pod.uid);
        if (ended === undefined) return;
        ended.announcer.stop();
        this.#announcers.delete(pod.uid);
        setTimeout(() => {
            if ([...this.#announcers.values()].some(({ kind }) => kind === ended.kind)) return;
            this.#holdings.delete(ended.kind);
            this.apply();
        }, KEEP_MS);
    }

    /** Gives the pods of this node the addresses that they are to have now. */
    apply(): void {
        this.#applying = this.#applying.then(() => this.#apply());
    }

    async #apply(): Promise<void> {
        // Before anything is decided, pods keep what an earlier kubelet has given them.
        if (this.#holdings.size === 0 && this.#announcers.size > 0) return;
        for (const pod of this.#pods()) {
            const wanted = new Set(
                [...this.#holdings.values()].flatMap((holdings) => [...(holdings.get(pod.uid) ?? [])]),
            );
            if (!pod.hasOwnNetwork()) {
                if (wanted.size > 0)
                    say(`${pod.title}: has no network of its own to answer at ${[...wanted].join(", ")}`);
                continue;
            }
            try {
                const added = await holdAddresses(pod.uid, pod.podIp, wanted);
                if (added.length > 0) say(`${pod.title}: answers at ${added.join(", ")}`);
            } catch (error) {
                // Its network may just have gone with it.
                if (pod.hasOwnNetwork()) say(`${pod.title}: ${reason(error)}`);
            }
        }
    }
}
