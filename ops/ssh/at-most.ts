/** The results of work on each item, in the order of the items, with at most `limit` of them worked on at once. */
export async function atMost<Item, Result>(
    limit: number,
    items: readonly Item[],
    work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
    const results = new Map<number, Result>();
    const waiting = items.entries();
    const worker = async () => {
        for (const [index, item] of waiting) results.set(index, await work(item));
    };
    await Promise.all(Array.from({ length: limit }, worker));
    return [...results].sort(([a], [b]) => a - b).map(([, result]) => result);
}
