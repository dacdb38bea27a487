import type { KnownSecret } from "./secrets-of-state.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { endedWithInput } from "../with-input.ts";

/** A secret where it must not be. Neither part shows it. */
export interface Leak {
    readonly secret: string;
    readonly place: string;
}

/** What is shorter than this in base64 is found by chance. */
const SHORTEST_IN_BASE64 = 24;

/** Looks for known secrets: as they are, and inside anything in base64. */
export class SecretSearch {
    /** The secrets' names by their words, in all forms that are looked for. */
    readonly #names: ReadonlyMap<string, string>;

    constructor(secrets: readonly KnownSecret[]) {
        this.#names = new Map(
            secrets.flatMap(({ name, words }) =>
                words.flatMap((word) => [word, ...inBase64(word)]).map((form) => [form, name] as const),
            ),
        );
    }

    /** What of it stands in a text. */
    inText(place: string, text: string): Leak[] {
        const found = [...this.#names].flatMap(([word, secret]) => (text.includes(word) ? [secret] : []));
        return [...new Set(found)].map((secret) => ({ secret, place }));
    }

    /** What of it stands in files below the paths that a bash pattern names, as they are seen in the lab. */
    async inFiles(lab: LabMesh, pattern: string): Promise<Leak[]> {
        const script = `shopt -s nullglob dotglob; paths=(${pattern}); exec grep -rsaoF -Z -f - -- "\${paths[@]}"`;
        // The words come by standard input: arguments are looked at too.
        const { status, stdout, stderr } = await endedWithInput(
            lab.lab.enter(["bash", "-c", script]),
            [...this.#names.keys()].join("\n"),
        );
        // 2 with nothing to say: a file has gone in the meantime.
        if (status > 1 && stderr !== "") throw new Error(`searching ${pattern} failed: ${stderr.trim()}`);
        const leaks = stdout
            .split("\n")
            .filter((line) => line !== "")
            .map((line) => {
                const [place = "", word = ""] = line.split("\0");
                return { place, secret: this.#names.get(word) ?? "a secret" };
            });
        return distinct(leaks);
    }
}

function distinct(leaks: readonly Leak[]): Leak[] {
    return [...new Map(leaks.map((leak) => [`${leak.secret}\n${leak.place}`, leak])).values()];
}

/** The characters that a word always becomes inside of a longer text in base64: it may begin at any of three places. */
function inBase64(word: string): string[] {
    return [0, 1, 2]
        .map((before) => {
            const text = Buffer.from("\0".repeat(before) + word).toString("base64");
            const bytes = before + Buffer.byteLength(word);
            // Characters that also depend on what stands before or after are left out.
            return text.slice(Math.ceil((before * 8) / 6), Math.floor((bytes * 8) / 6));
        })
        .filter((form) => form.length >= SHORTEST_IN_BASE64);
}
