import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

import { labSpec, type LabSpec } from "./lab-spec.ts";

/** Where the folders of all labs are. */
export function labsFolder(): string {
    const { XDG_CACHE_HOME: cache = "" } = process.env;
    return join(cache === "" ? join(homedir(), ".cache") : cache, "multicluster", "labs");
}

/** The names of all labs there are, the broken ones too. */
export function listLabs(): string[] {
    const folder = labsFolder();
    if (!existsSync(folder)) return [];
    // A lab that is being closed has a dot in front.
    return readdirSync(folder)
        .filter((name) => !name.startsWith("."))
        .sort();
}

/** What a lab keeps on the machine's disk. Everything is below one folder, which goes with the lab. */
export class LabFolder {
    readonly path: string;

    constructor(path: string) {
        this.path = path;
    }

    /** Begins the folder of a new lab; refuses a name in use. */
    static create(spec: LabSpec): LabFolder {
        mkdirSync(labsFolder(), { recursive: true, mode: 0o700 });
        const folder = new LabFolder(join(labsFolder(), spec.name));
        try {
            mkdirSync(folder.path, { mode: 0o700 });
        } catch (error) {
            if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
            throw new Error(
                `there is a lab ${spec.name} already, open or left over by a crash: close it first, or take another name`,
                { cause: error },
            );
        }
        for (const name of ["hosts", "log", "www", "web"]) mkdirSync(join(folder.path, name));
        folder.write(spec);
        return folder;
    }

    /** The record of the lab's first process. */
    get init(): string {
        return join(this.path, "init");
    }
    /** Where the disks of the hosts are: empty but for who is in the lab. */
    get disks(): string {
        return join(this.path, "hosts");
    }
    /** The names that every host and the lab resolve, as /etc/hosts has them. */
    get names(): string {
        return join(this.path, "names");
    }
    /** The CA of the lab's web server. */
    get webCa(): string {
        return join(this.path, "web-ca.pem");
    }
    /** The CAs that the machine trusts, and the lab's. */
    get trust(): string {
        return join(this.path, "trust.pem");
    }
    /** Where a process of the lab logs. */
    log(name: string): string {
        return join(this.path, "log", `${name}.log`);
    }

    /** What the lab is made of now. */
    read(): LabSpec {
        return labSpec.parse(JSON.parse(readFileSync(join(this.path, "lab.json"), "utf8")));
    }

    /** Whether the folder has come as far as to say what the lab is made of. */
    isReadable(): boolean {
        return existsSync(join(this.path, "lab.json"));
    }

    /** Writes what the lab is made of now. */
    write(spec: LabSpec): void {
        const file = join(this.path, "lab.json");
        writeFileSync(`${file}.new`, `${JSON.stringify(spec, undefined, 4)}\n`);
        renameSync(`${file}.new`, file);
    }
}
