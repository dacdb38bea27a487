import { Address4 } from "ip-address";

/** The addresses of the pods on this node. */
export class PodAddresses {
    readonly #held = new Map<string, string>();

    /** Keeps the address that a pod has already. */
    reserve(uid: string, address: string): void {
        this.#held.set(uid, address);
    }

    release(uid: string): void {
        this.#held.delete(uid);
    }

    /** The first free address of the node's range. The range's first one is the network's own. */
    take(uid: string, podCidr: string): string {
        const known = this.#held.get(uid);
        if (known !== undefined) return known;
        const held = new Set(this.#held.values());
        const range = new Address4(podCidr);
        const last = range.endAddress().bigInt();
        for (let number = range.startAddress().bigInt() + 2n; number < last; number++) {
            const address = Address4.fromBigInt(number).correctForm();
            if (held.has(address)) continue;
            this.#held.set(uid, address);
            return address;
        }
        throw new Error(`every address of the node's range ${podCidr} is taken`);
    }
}
