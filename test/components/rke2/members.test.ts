import * as pulumi from "@pulumi/pulumi";
import { expect, test } from "vitest";

import { bashScript } from "../../../components/host/bash.ts";
import { members, type MembersArgs } from "../../../components/rke2/members.ts";
import { record } from "../../../plan/record.ts";

const SCRIPT = new URL("../../../components/rke2/scripts/members.sh", import.meta.url);
const EAST: MembersArgs = {
    ssh: { host: "192.168.10.11" },
    nodes: ["east-2", "east-1", "east-4"],
    lost: ["east-5", "east-3"],
    evict: "cordon",
    drainSeconds: 600,
};

class Cluster extends pulumi.ComponentResource {
    constructor(args: MembersArgs) {
        super("test:Cluster", "east");
        members("east-members", args, { parent: this });
        this.registerOutputs({});
    }
}

async function command(args: MembersArgs) {
    const { resources } = await record(
        () => {
            new Cluster(args);
            return {};
        },
        { project: "multicluster", stack: "test" },
    );
    return resources.find(({ name }) => name === "east-members");
}

test("the first server that stays is told who stays, who is lost, and how nodes go", async () => {
    const found = await command(EAST);
    expect(found).toMatchObject({ type: "command:remote:Command", custom: true });
    expect(found?.inputs).toEqual({
        addPreviousOutputInEnv: false,
        connection: {
            host: "192.168.10.11",
            port: 22,
            user: "root",
            dialErrorLimit: 10,
            perDialTimeout: 15,
        },
        create: "timeout -k 10 4260 bash -euo pipefail -s",
        logging: "none",
        stdin: bashScript(SCRIPT, {
            ROLE: "server",
            NODE_NAME: "east-2",
            NODES: "east-1\neast-2\neast-4",
            LOST: "east-3\neast-5",
            EVICT: "cordon",
            DRAIN_SECONDS: "600",
            SECONDS_MAX: "4200",
        }),
    });
});

test("the same nodes in another order ask nothing anew", async () => {
    const other = await command({
        ...EAST,
        nodes: ["east-2", "east-4", "east-1"],
        lost: ["east-3", "east-5"],
    });
    expect(other).toEqual(await command(EAST));
});

test("a cluster without a node that stays has nobody to ask", async () => {
    await expect(command({ ...EAST, nodes: [] })).rejects.toThrow(
        "east-members: a cluster needs a node that stays",
    );
});
