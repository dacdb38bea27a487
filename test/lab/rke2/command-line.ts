import type { ConfigValues } from "./config-file.ts";
import { Fatal } from "./fatal.ts";

/** What a command was given: flags, each with its values, and the other words. */
export interface CommandLine {
    readonly flags: ConfigValues;
    readonly words: readonly string[];
}

const SHORT: Readonly<Record<string, string>> = { t: "token", s: "server", c: "config", o: "output" };

/**
 * Reads `--flag=value`, `--flag value` and, for flags that are switches, `--flag`. A flag that is not named in `known` ends the
 * command as RKE2's does.
 */
export function readCommandLine(
    args: readonly string[],
    known: (flag: string) => boolean,
    switches: readonly string[] = [],
): CommandLine {
    const flags = new Map<string, string[]>();
    const words: string[] = [];
    for (let index = 0; index < args.length; index++) {
        const arg = args[index] ?? "";
        const [, dashes, written = "", given] = /^(--?)([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
        if (dashes === undefined) {
            words.push(arg);
            continue;
        }
        const flag = SHORT[written] ?? written;
        if (!known(flag)) throw new Fatal(`flag provided but not defined: ${dashes}${written}`);
        const isSwitch = given === undefined && switches.includes(flag);
        const value = given ?? (isSwitch ? "true" : args[++index]);
        if (value === undefined) throw new Fatal(`flag needs an argument: ${dashes}${written}`);
        flags.set(flag, [...(flags.get(flag) ?? []), value]);
    }
    return { flags, words };
}

/** The configuration with the flags of the command line, which count for more than any file. */
export function withFlags(config: ConfigValues, flags: ConfigValues): ConfigValues {
    return new Map([...config, ...flags]);
}
