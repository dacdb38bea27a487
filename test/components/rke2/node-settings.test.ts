import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, test } from "vitest";

import { kubeVipManifest } from "../../../components/rke2/kube-vip.ts";
import {
    ARTIFACTS_FOLDER,
    artifactsDirectory,
    settingsVariables,
    shownSettings,
    type NodeSettings,
} from "../../../components/rke2/node-settings.ts";
import { preparation, type PreparationArgs } from "../../../components/rke2/preparation.ts";

/** What the script is told where nothing is set. */
const DEFAULTS = {
    METHOD: "tar",
    INSTALL_URL: "https://get.rke2.io",
    EVICT: "cordon",
    DRAIN_SECONDS: "600",
    TOKEN_GENERATION: "1",
    CERTIFICATE_GENERATION: "1",
};

const PREPARATION: NonNullable<NodeSettings["preparation"]> = {
    host: { prepare: true, firewalld: "open", trustedCidrs: ["192.168.10.0/24"] },
    insideCidrs: ["10.10.0.0/16", "10.11.0.0/16"],
    cilium: {
        routing: { mode: "tunnel", protocol: "vxlan" },
        encryption: { type: "none" },
        hubble: { enabled: false, relay: false, ui: false, metrics: [] },
    },
};

/** A folder with what a release has for one architecture, and what a node's script is told of its files. */
function withArtifacts(check: (directory: string, lines: string) => void): void {
    const directory = mkdtempSync(join(tmpdir(), "settings-"));
    const hash = (text: string) => createHash("sha256").update(text).digest("hex");
    const put = (name: string, text: string) => {
        writeFileSync(join(directory, name), text);
        return `${hash(text)} ${name}`;
    };
    const lines = [
        put("install.sh", "script"),
        put("rke2.linux-amd64.tar.gz", "tarball"),
        put("sha256sum-amd64.txt", `${hash("tarball")}  rke2.linux-amd64.tar.gz\n`),
    ];
    try {
        check(directory, lines.join("\n"));
    } finally {
        rmSync(directory, { recursive: true });
    }
}

describe("the variables of a node's script", () => {
    test("are few where nothing is set, and nothing is said of preparing the host", () => {
        expect(settingsVariables("server", {}, {})).toEqual(DEFAULTS);
        expect(settingsVariables("agent", { profile: "cis" }, {})).toEqual(DEFAULTS);
    });

    test.each<{ says: string; settings: NodeSettings; wants: Record<string, string> }>([
        {
            says: "where the install script comes from",
            settings: { installUrl: "https://mirror.example.net/rke2.sh" },
            wants: { INSTALL_URL: "https://mirror.example.net/rke2.sh" },
        },
        {
            says: "packages",
            settings: { install: { method: "rpm", channel: "testing" } },
            wants: { METHOD: "rpm", CHANNEL: "testing" },
        },
        {
            says: "registries",
            settings: { registries: '"mirrors": {}\n' },
            wants: { REGISTRIES: '"mirrors": {}\n' },
        },
        {
            says: "the way out",
            settings: { proxy: "HTTPS_PROXY=http://proxy:3128\nNO_PROXY=localhost" },
            wants: { PROXY: "HTTPS_PROXY=http://proxy:3128\nNO_PROXY=localhost" },
        },
        {
            says: "who upgrades, if not this program",
            settings: { upgradeBy: "system-upgrade-controller" },
            wants: { UPGRADES: "elsewhere" },
        },
        { says: "that this program upgrades", settings: { upgradeBy: "ssh" }, wants: {} },
        {
            says: "how a change goes from node to node, without how many agents at once",
            settings: { rollout: { agentsAtOnce: 3, evict: "drain", drainSeconds: 120 } },
            wants: { EVICT: "drain", DRAIN_SECONDS: "120" },
        },
        {
            says: "the generations",
            settings: { tokenGeneration: 2, certificateGeneration: 3 },
            wants: { TOKEN_GENERATION: "2", CERTIFICATE_GENERATION: "3" },
        },
    ])("say $says", ({ settings, wants }) => {
        expect(settingsVariables("agent", {}, settings)).toEqual({ ...DEFAULTS, ...wants });
    });

    test("have kube-vip on servers alone", () => {
        const kubeVip = { address: "192.168.10.10", interface: "eth1" };
        expect(settingsVariables("server", {}, { kubeVip })).toEqual({
            ...DEFAULTS,
            KUBE_VIP: kubeVipManifest(kubeVip),
        });
        expect(settingsVariables("agent", {}, { kubeVip })).toEqual(DEFAULTS);
    });

    test.each(["server", "agent"] as const)(
        "say how the host of a node is prepared: %s, its config.yaml and how RKE2 comes",
        (role) => {
            const config = { profile: "cis", selinux: true };
            const args: PreparationArgs = { ...PREPARATION, role, config, method: "rpm" };
            const variables = settingsVariables(role, config, {
                preparation: PREPARATION,
                install: { method: "rpm", channel: "latest" },
            });
            expect(variables).toEqual({
                ...DEFAULTS,
                ...preparation(args),
                METHOD: "rpm",
                CHANNEL: "latest",
            });
            expect(variables).toMatchObject({ CIS: "yes", ETCD_USER: "yes", SELINUX: "yes", OFFLINE: "no" });
        },
    );

    test("say that a tarball comes where nothing is said of how RKE2 comes", () => {
        expect(settingsVariables("server", {}, { preparation: PREPARATION })).toMatchObject({
            METHOD: "tar",
            OFFLINE: "no",
        });
    });

    test("name the files for a host without a way out, and the folder that they are brought to", () => {
        withArtifacts((directory, lines) => {
            const { INSTALL_URL, ...others } = DEFAULTS;
            expect(INSTALL_URL).toBe("https://get.rke2.io");
            expect(
                settingsVariables(
                    "agent",
                    {},
                    {
                        install: { method: "air-gap", artifacts: { directory } },
                        installUrl: "https://mirror.example.net",
                    },
                ),
            ).toEqual({
                ...others,
                METHOD: "air-gap",
                ARTIFACTS: lines,
                ARTIFACTS_DIR: ARTIFACTS_FOLDER,
            });
        });
    });

    test("name the address of the files instead, and no folder", () => {
        withArtifacts((checksums, lines) => {
            const variables = settingsVariables(
                "agent",
                {},
                {
                    install: {
                        method: "air-gap",
                        artifacts: { url: "https://files.example.net/rke2/", checksums },
                    },
                },
            );
            expect(variables).toMatchObject({
                METHOD: "air-gap",
                ARTIFACTS: lines,
                ARTIFACTS_URL: "https://files.example.net/rke2",
            });
            expect(Object.keys(variables)).not.toContain("ARTIFACTS_DIR");
            expect(Object.keys(variables)).not.toContain("INSTALL_URL");
        });
    });
});

describe("the folder that hosts are given files from", () => {
    test.each<[NodeSettings, string | undefined]>([
        [{}, undefined],
        [{ install: { method: "tar" } }, undefined],
        [{ install: { method: "rpm", channel: "stable" } }, undefined],
        [
            { install: { method: "air-gap", artifacts: { url: "https://files", checksums: "/sums" } } },
            undefined,
        ],
        [{ install: { method: "air-gap", artifacts: { directory: "/srv/rke2" } } }, "/srv/rke2"],
    ])("of %j is %s", (settings, directory) => {
        expect(artifactsDirectory(settings)).toBe(directory);
    });
});

describe("what a preview shows", () => {
    test("is nothing where all is as it is by default", () => {
        expect(shownSettings({})).toEqual({});
        expect(
            shownSettings({ install: { method: "tar" }, tokenGeneration: 1, certificateGeneration: 1 }),
        ).toEqual({});
    });

    test("is what restarts a node", () => {
        const install = { method: "rpm", channel: "stable" } as const;
        const kubeVip = { address: "192.168.10.10" };
        expect(
            shownSettings({
                install,
                proxy: "HTTPS_PROXY=http://proxy:3128",
                kubeVip,
                tokenGeneration: 2,
                certificateGeneration: 3,
            }),
        ).toEqual({
            install,
            proxy: "HTTPS_PROXY=http://proxy:3128",
            kubeVip,
            tokenGeneration: 2,
            certificateGeneration: 3,
        });
    });

    test("is neither what may be secret nor what changes no node", () => {
        expect(
            shownSettings({
                registries: "passwords",
                installUrl: "https://mirror.example.net",
                preparation: PREPARATION,
                rollout: { agentsAtOnce: 1, evict: "drain", drainSeconds: 1 },
                upgradeBy: "system-upgrade-controller",
            }),
        ).toEqual({});
    });
});
