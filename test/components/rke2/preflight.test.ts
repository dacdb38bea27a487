import * as pulumi from "@pulumi/pulumi";
import { describe, expect, test } from "vitest";

import { bashScript } from "../../../components/host/bash.ts";
import {
    preflight,
    PREFLIGHT_SCRIPT,
    preflightVariables,
    type PreflightArgs,
} from "../../../components/rke2/preflight.ts";
import { record } from "../../../plan/record.ts";

const STACK = { project: "multicluster", stack: "test" };
const SERVER: PreflightArgs = {
    node: {
        name: "east-1",
        role: "server",
        addresses: ["192.168.10.11", "fd00::11"],
        ssh: { host: "10.0.0.1", user: "ops" },
    },
    rke2Version: "v1.35.7+rke2r1",
    needs: {
        kernel: { oldest: "5.10", oldestRedHat8: "4.18.0-553", purpose: "Cilium 1.19.6" },
        modules: [
            { name: "vxlan", needed: true, purpose: "the tunnel" },
            { name: "xt_CT", needed: false, purpose: "policies for HTTP and DNS" },
        ],
        ports: [
            { protocol: "tcp", number: 6443, purpose: "the Kubernetes API" },
            { protocol: "udp", number: 8472, purpose: "the tunnel" },
        ],
    },
    peers: [
        { name: "east-2", address: "192.168.10.12", ports: [{ protocol: "tcp", number: 10250 }] },
        {
            name: "west/west-1",
            address: "fd00::21",
            ports: [
                { protocol: "tcp", number: 4240 },
                { protocol: "udp", number: 8472 },
            ],
        },
    ],
    registration: "api.east.example.net",
    install: { method: "rpm", url: "https://get.rke2.io" },
    proxy: "HTTPS_PROXY=http://proxy.example.net:3128\nNO_PROXY=10.0.0.0/8",
    firewalld: "open",
    prepare: true,
    selinux: true,
    ignore: ["memory", "cpus"],
};

describe("the variables of the preflight", () => {
    test("are the arguments, line by line", () => {
        expect(preflightVariables(SERVER)).toEqual({
            ROLE: "server",
            NODE_NAME: "east-1",
            VERSION: "v1.35.7+rke2r1",
            ADDRESSES: "192.168.10.11\nfd00::11",
            KERNEL_MIN: "5.10",
            KERNEL_MIN_EL8: "4.18.0-553",
            KERNEL_FOR: "Cilium 1.19.6",
            MODULES: "needed vxlan the tunnel\nuseful xt_CT policies for HTTP and DNS",
            PORTS: "tcp 6443 the Kubernetes API\nudp 8472 the tunnel",
            PEERS: "east-2 192.168.10.12 10250/tcp\nwest/west-1 fd00::21 4240/tcp 8472/udp",
            REGISTRATION: "api.east.example.net",
            METHOD: "rpm",
            INSTALL_URL: "https://get.rke2.io",
            PROXY: "HTTPS_PROXY=http://proxy.example.net:3128\nNO_PROXY=10.0.0.0/8",
            FIREWALLD: "open",
            PREPARE: "yes",
            SELINUX: "yes",
            IGNORE: "memory\ncpus",
            SECONDS_MAX: "120",
        });
    });

    test("name drivers and devices where programs are to be loaded into them", () => {
        expect(
            preflightVariables({
                ...SERVER,
                needs: {
                    ...SERVER.needs,
                    xdp: { devices: ["eth0", "ens+"], drivers: { ena: "5.6", virtio_net: "4.10" } },
                },
            }),
        ).toMatchObject({ XDP_DEVICES: "eth0\nens+", XDP_DRIVERS: "ena 5.6\nvirtio_net 4.10" });
    });

    test("are empty where there is nothing to say", () => {
        const { registration, proxy, ...plain } = SERVER;
        expect([registration, proxy]).not.toContain(undefined);
        expect(
            preflightVariables({
                ...plain,
                install: { method: "air-gap" },
                peers: [],
                prepare: false,
                selinux: false,
                ignore: [],
            }),
        ).toMatchObject({
            PEERS: "",
            REGISTRATION: "",
            METHOD: "air-gap",
            INSTALL_URL: "",
            PROXY: "",
            PREPARE: "no",
            SELINUX: "no",
            IGNORE: "",
        });
    });
});

test("the preflight is one command, which leaves nothing to remove", async () => {
    const { resources } = await record(() => {
        const parent = new pulumi.ComponentResource("test:Parent", "east");
        preflight("east-east-1-preflight", SERVER, { parent });
        return {};
    }, STACK);
    expect(resources[1]).toMatchObject({
        type: "command:remote:Command",
        name: "east-east-1-preflight",
        additionalSecretOutputs: ["stdout", "stderr", "connection"],
    });
    expect(resources[1]?.inputs).toEqual({
        connection: { host: "10.0.0.1", port: 22, user: "ops", dialErrorLimit: 10, perDialTimeout: 15 },
        create: "sudo -n timeout -k 10 120 bash -euo pipefail -s",
        stdin: bashScript(PREFLIGHT_SCRIPT, preflightVariables(SERVER)),
        logging: "none",
        addPreviousOutputInEnv: false,
    });
});
