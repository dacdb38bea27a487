import type { SetName } from "./go-sets.ts";
import type { VersionRule } from "./version-rule.ts";

/** A program the lab runs, and every way to get it. They are tried in the order of the fields. */
export interface Program {
    readonly name: string;
    /** @default - it cannot be asked for its version, so what is installed is not used */
    readonly installed?: InstalledCommand | InstalledPlugin;
    /** @default - nobody publishes it as a file */
    readonly release?: Release;
    /** @default - it is not built */
    readonly build?: GoPackage;
    /** The package of Debian that has it. @default - none has */
    readonly debian?: string;
    /** Whether the lab does without it. @default false */
    readonly optional?: boolean;
}

/** A command on the PATH. */
export interface InstalledCommand {
    readonly kind: "command";
    /** What is good enough. */
    readonly rule: VersionRule;
    /** The arguments that make it print its version. */
    readonly ask: readonly string[];
    /** Where the version is in what it prints. @default - the first thing that looks like one */
    readonly answer?: RegExp;
}

/** A plugin of Pulumi's: on the PATH, where Pulumi takes any version; otherwise in Pulumi's own folder, in just this one. */
export interface InstalledPlugin {
    readonly kind: "plugin";
    readonly plugin: string;
    readonly version: string;
}

/** A file that the program's makers publish, with its checksum. */
export interface Release {
    readonly version: string;
    readonly url: string;
    /** A list of SHA-256 sums in which the file's name stands, or the file's own sum alone. */
    readonly checksums: string;
    /** The program's path in the archive. @default - the file is the program */
    readonly member?: string;
}

/** A package of Go that is built by a go.mod of ours, which fixes the version of everything in it. */
export interface GoPackage {
    readonly set: SetName;
    readonly package: string;
}
