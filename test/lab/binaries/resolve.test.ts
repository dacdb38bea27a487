import { beforeEach, describe, expect, it } from "vitest";

import { recipeOf } from "./go-sets.ts";
import type { Installed } from "./installed.ts";
import type { Program } from "./program.ts";
import { resolve } from "./resolve.ts";
import type { Sources } from "./sources.ts";
import { exactly, since } from "./version-rule.ts";

const HELM = {
    name: "helm",
    installed: { kind: "command", rule: since("3.0.0"), ask: ["version"] },
    release: { version: "3.18.6", url: "https://a.example/helm.tar.gz", checksums: "https://a.example/sums" },
    build: { set: "helm", package: "helm.sh/helm/v3/cmd/helm" },
} as const satisfies Program;
const OPERATOR = {
    name: "cilium-operator",
    installed: { kind: "command", rule: exactly("1.19.6"), ask: ["--version"] },
    build: { set: "cilium", package: "github.com/cilium/cilium/operator" },
} as const satisfies Program;
const MESH = {
    name: "clustermesh-apiserver",
    build: { set: "cilium", package: "github.com/cilium/cilium/clustermesh-apiserver" },
} as const satisfies Program;
const ETCD = {
    name: "etcd",
    installed: { kind: "command", rule: since("3.4.0"), ask: ["--version"] },
    release: { version: "3.5.21", url: "https://b.example/etcd.tar.gz", checksums: "https://b.example/sums" },
    debian: "etcd-server",
} as const satisfies Program;
const SSHD = { ...ETCD, name: "sshd", release: undefined, debian: "openssh-server" } as const;
const TLS = {
    name: "pulumi-resource-tls",
    installed: { kind: "plugin", plugin: "tls", version: "5.6.1" },
    optional: true,
} as const satisfies Program;

const RELEASED = "bin/helm-3.18.6/helm";
const BUILT = `bin/helm-3.18.6-${recipeOf("helm")}/helm`;

/** A machine in which nothing is, no host answers and Go builds everything. */
class Machine {
    readonly installed = new Map<string, Installed>();
    readonly cache = new Set<string>();
    readonly downloads = new Set<string>();
    readonly brokenSets = new Set<string>();
    readonly calls: string[] = [];
    readonly said: string[] = [];
    cannotBuild: string | undefined;
    /** What another process does before this one has the lock. */
    meanwhile = (): void => undefined;

    get sources(): Sources {
        return {
            installed: ({ name }) => Promise.resolve(this.installed.get(name)),
            cached: (name) => (this.cache.has(name) ? `/cache/${name}` : undefined),
            exclusively: (work) => {
                this.calls.push("lock");
                this.meanwhile();
                return work();
            },
            download: (program, _, name) => {
                this.calls.push(`download ${program}`);
                return Promise.resolve(this.downloads.has(program) ? `/cache/${name}` : undefined);
            },
            cannotBuild: this.cannotBuild,
            build: (set, wanted) => {
                this.calls.push(`build ${set}: ${[...wanted.keys()].join(" ")}`);
                return this.brokenSets.has(set)
                    ? Promise.reject(new Error(`Go could not build ${set}`))
                    : Promise.resolve(new Map([...wanted].map(([key, name]) => [key, `/cache/${name}`])));
            },
        };
    }

    install(name: string, version: string): void {
        this.installed.set(name, { path: `/usr/bin/${name}`, version, from: "PATH" });
    }

    async resolve(...programs: Program[]) {
        const { tools, problems } = await resolve(programs, this.sources, (line) => this.said.push(line));
        return { tools: Object.fromEntries(tools), problems };
    }
}

let machine: Machine;
beforeEach(() => {
    machine = new Machine();
});

describe("a program comes", () => {
    it("from the PATH where its version is good enough, and nothing else is asked", async () => {
        machine.install("helm", "3.9.0");
        machine.cache.add(RELEASED);
        expect(await machine.resolve(HELM)).toEqual({
            tools: { helm: { path: "/usr/bin/helm", version: "3.9.0", from: "PATH" } },
            problems: [],
        });
        expect(machine).toMatchObject({ calls: [], said: [] });
    });

    it("from the cache where the installed one is too old, and it is told why", async () => {
        machine.install("helm", "2.17.0");
        machine.cache.add(BUILT);
        expect(await machine.resolve(HELM)).toEqual({
            tools: { helm: { path: `/cache/${BUILT}`, version: "3.18.6", from: "cache" } },
            problems: [],
        });
        expect(machine).toMatchObject({
            calls: [],
            said: [
                "helm: /usr/bin/helm is left alone, as it is 2.17.0; the lab wants 3.0.0 or newer, below 4",
            ],
        });
    });

    it("from the cache as it was released rather than as it was built", async () => {
        machine.cache.add(BUILT).add(RELEASED);
        expect((await machine.resolve(HELM)).tools["helm"]?.path).toBe(`/cache/${RELEASED}`);
    });

    it("as a download rather than as a build", async () => {
        machine.downloads.add("helm");
        expect((await machine.resolve(HELM)).tools).toEqual({
            helm: { path: `/cache/${RELEASED}`, version: "3.18.6", from: "download" },
        });
        expect(machine.calls).toEqual(["lock", "download helm"]);
    });

    it("as a build where no host answers", async () => {
        expect(await machine.resolve(HELM)).toEqual({
            tools: { helm: { path: `/cache/${BUILT}`, version: "3.18.6", from: "build" } },
            problems: [],
        });
        expect(machine.calls).toEqual(["lock", "download helm", "build helm: helm.sh/helm/v3/cmd/helm"]);
    });

    it("from the cache where another process has just brought it", async () => {
        machine.meanwhile = () => machine.cache.add(BUILT);
        expect((await machine.resolve(HELM)).tools["helm"]?.from).toBe("cache");
        expect(machine.calls).toEqual(["lock"]);
    });

    it("never from the PATH where it cannot tell its version", async () => {
        machine.installed.set("helm", { path: "/usr/bin/helm", version: undefined, from: "PATH" });
        expect((await machine.resolve(HELM)).tools["helm"]?.from).toBe("build");
        expect(machine.said[0]).toContain("as it is of no version it tells");
    });
});

describe("programs of one set", () => {
    it("are built together, and only those that are missing", async () => {
        await machine.resolve(OPERATOR, HELM, MESH);
        expect(machine.calls).toEqual([
            "lock",
            "download helm",
            `build cilium: ${OPERATOR.build.package} ${MESH.build.package}`,
            "build helm: helm.sh/helm/v3/cmd/helm",
        ]);
        machine = new Machine();
        machine.install("cilium-operator", "1.19.6");
        await machine.resolve(OPERATOR, MESH);
        expect(machine.calls).toEqual(["lock", `build cilium: ${MESH.build.package}`]);
    });

    it("do not keep other sets from being built where they fail", async () => {
        machine.brokenSets.add("cilium");
        const { tools, problems } = await machine.resolve(OPERATOR, MESH, HELM);
        expect(Object.keys(tools)).toEqual(["helm"]);
        expect(problems).toEqual(["Go could not build cilium"]);
    });
});

describe("what is missing", () => {
    it("is told in one command where Debian has it, before anything is downloaded or built", async () => {
        machine.cannotBuild = "there is no Go to build it";
        expect(await machine.resolve(SSHD, ETCD, HELM, TLS)).toEqual({
            tools: {},
            problems: [
                "not on the PATH nor in the folders for administrators: sshd (3.4.0 or newer, below 4), etcd (3.4.0 or newer, below 4); on Debian: apt-get install etcd-server openssh-server",
                "helm: there is no Go to build it",
            ],
        });
        expect(machine.calls).toEqual([]);
    });

    it("is told before a build begins where no download brought it", async () => {
        const { problems } = await machine.resolve(HELM, ETCD);
        expect(problems).toEqual([
            "not on the PATH nor in the folders for administrators: etcd (3.4.0 or newer, below 4); on Debian: apt-get install etcd-server",
        ]);
        expect(machine.calls).toEqual(["lock", "download helm", "download etcd"]);
    });

    it("needs no Go where all is downloaded", async () => {
        machine.cannotBuild = "there is no Go to build it";
        machine.downloads.add("helm");
        expect((await machine.resolve(HELM)).problems).toEqual([]);
    });
});

describe("a plugin of Pulumi's", () => {
    it("is left out where it is not installed and the lab does without it", async () => {
        expect(await machine.resolve(TLS)).toEqual({ tools: {}, problems: [] });
        expect(machine.calls).toEqual([]);
    });

    it("is taken from the PATH as Pulumi does, whatever its version", async () => {
        const found = { path: "/opt/pulumi-resource-tls", version: undefined, from: "PATH" } as const;
        machine.installed.set("pulumi-resource-tls", found);
        expect((await machine.resolve(TLS)).tools).toEqual({ "pulumi-resource-tls": found });
    });
});
