import { expect, test } from "vitest";

import type { Member } from "./etcd-api.ts";
import { initialCluster, nodeOfMember, refuseDuplicate } from "./etcd-join.ts";

const JOINER = { nodeName: "east-2", memberName: "east-2-aaaaaaaa", peerUrl: "https://10.88.1.12:2380" };

function member(name: string, address: string): Member {
    return { ID: address, name, peerURLs: [`https://${address}:2380`], clientURLs: [], isLearner: false };
}

const FIRST = member("east-1-bbbbbbbb", "10.88.1.11");

test("a member without a name yet is the one that starts", () => {
    expect(initialCluster([FIRST, member("", "10.88.1.12")], JOINER)).toBe(
        "east-1-bbbbbbbb=https://10.88.1.11:2380,east-2-aaaaaaaa=https://10.88.1.12:2380",
    );
});

test("a node's name is taken while a member of another disk has it", () => {
    const check = (...members: Member[]) => {
        refuseDuplicate(members, JOINER);
    };
    const message =
        "etcd cluster join failed: duplicate node name found, please use a unique name for this node";
    expect(() => {
        check(FIRST, member("east-2-cccccccc", "10.88.1.12"));
    }).toThrow(message);
    expect(() => {
        check(FIRST, member("east-2-aaaaaaaa", "10.88.1.12"), member("", "10.88.1.13"));
    }).not.toThrow();
});

test("a member's node", () => {
    expect(nodeOfMember(member("east-2-aaaaaaaa", "10.88.1.12"))).toBe("east-2");
    expect(nodeOfMember(member("", "10.88.1.12"))).toBe("");
});
