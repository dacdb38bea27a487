/** Something that is so or not, and that can be waited for. */
export class Flag {
    #raised = Promise.withResolvers<undefined>();
    #isRaised = false;

    get isRaised(): boolean {
        return this.#isRaised;
    }

    raise(): void {
        this.#isRaised = true;
        this.#raised.resolve(undefined);
    }

    /** Resolves when it is raised or when the signal aborts. */
    async wait(signal: AbortSignal): Promise<void> {
        if (signal.aborted) return;
        const aborted = Promise.withResolvers<undefined>();
        const stop = () => {
            aborted.resolve(undefined);
        };
        signal.addEventListener("abort", stop, { once: true });
        await Promise.race([this.#raised.promise, aborted.promise]);
        signal.removeEventListener("abort", stop);
    }
}
