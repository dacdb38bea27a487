/** A set of files that is still to be written: text by path, relative and with slashes. */
export class Folder {
    readonly #files = new Map<string, string>();

    add(path: string, text: string): void {
        if (this.#files.has(path)) throw new Error(`a plan writes ${path} twice`);
        this.#files.set(path, text);
    }

    /** In the order of their paths. */
    files(): Map<string, string> {
        return new Map([...this.#files].sort(([a], [b]) => (a < b ? -1 : 1)));
    }
}

/** A name as one part of a path: names of Kubernetes objects may hold colons, and logical names anything. */
export function fileName(name: string): string {
    return name.replace(/[^A-Za-z0-9._-]/g, "-").replace(/^\.+$/, "-");
}
