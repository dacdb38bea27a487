import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";

import { parse } from "yaml";
import { z } from "zod";

import { Fatal, messageOf } from "./fatal.ts";

const Scalar = z.union([z.string(), z.number(), z.boolean()]);
const Config = z.record(z.string(), z.union([Scalar, z.array(Scalar)]));

/** The keys of config.yaml, each with its values as text; a key with one value has a list of one. */
export type ConfigValues = ReadonlyMap<string, readonly string[]>;

/** What config.yaml and the files of config.yaml.d say: the last one wins, and `key+` appends. */
export function readConfigFiles(file: string): ConfigValues {
    const folder = `${file}.d`;
    const parts = existsSync(folder)
        ? readdirSync(folder)
              .filter((name) => /\.ya?ml$/.test(name))
              .sort()
              .map((name) => join(folder, name))
        : [];
    return mergeConfigs(
        [file, ...parts]
            .filter((path) => existsSync(path))
            .map((path) => parseConfig(path, readFileSync(path, "utf8"))),
    );
}

/** One file. */
export function parseConfig(path: string, text: string): ConfigValues {
    let content: unknown;
    try {
        content = parse(text);
    } catch (error) {
        // The parser's own message shows the lines around the mistake: a token may stand there.
        throw new Fatal(`failed to load ${path}: yaml: ${messageOf(error).split("\n")[0] ?? ""}`);
    }
    const config = Config.safeParse(content ?? {});
    if (!config.success) {
        const keys = [
            ...new Set(config.error.issues.map(({ path: at }) => String(at[0] ?? "the whole file"))),
        ];
        throw new Fatal(
            `failed to load ${path}: ${keys.join(", ")}: must be a string, a number, a boolean or a list of them`,
        );
    }
    return new Map(
        Object.entries(config.data).map(([key, value]) => [
            key,
            (Array.isArray(value) ? value : [value]).map(String),
        ]),
    );
}

/** Several files as one. */
export function mergeConfigs(files: readonly ConfigValues[]): ConfigValues {
    const merged = new Map<string, readonly string[]>();
    for (const file of files) {
        for (const [written, values] of file) {
            const key = written.replace(/\+$/, "");
            merged.set(key, written === key ? values : [...(merged.get(key) ?? []), ...values]);
        }
    }
    return merged;
}
