import type { EtcdApi, Member } from "./etcd-api.ts";
import { Fatal, messageOf } from "./fatal.ts";
import { log } from "./log.ts";
import { pause } from "./pause.ts";

/** A server that is to become a member of etcd. */
export interface Joiner {
    readonly nodeName: string;
    readonly memberName: string;
    readonly peerUrl: string;
}

/** What etcd says while another member is still learning, or while not all members are there. */
const OTHERS_FIRST =
    /too many learner members|unhealthy cluster|re-configuration failed due to not enough started/;

/** Makes a server a learner, one after the other; the members to start with, as `name=url`. */
export async function joinEtcd(api: EtcdApi, joiner: Joiner): Promise<string> {
    for (;;) {
        const members = await api.members();
        refuseDuplicate(members, joiner);
        const mine = members.find(({ peerURLs }) => peerURLs.includes(joiner.peerUrl));
        if (mine !== undefined && (mine.name === "" || mine.name === joiner.memberName)) {
            log.info(`Found uninitialized etcd cluster member with address ${joiner.peerUrl}`);
            return initialCluster(members, joiner);
        }
        try {
            log.info(`Adding member ${joiner.memberName}=${joiner.peerUrl} to etcd cluster`);
            return initialCluster(await api.addLearner(joiner.peerUrl), joiner);
        } catch (error) {
            if (!OTHERS_FIRST.test(messageOf(error))) {
                throw new Fatal(`etcd cluster join failed: ${messageOf(error)}`);
            }
            log.info(`Waiting for other members to finish joining etcd cluster: ${messageOf(error)}`);
            await pause(2000);
        }
    }
}

/** Has a learner counted as soon as it has learnt everything; until then etcd refuses, and it is asked again later. */
export async function promote(api: EtcdApi, memberPeerUrl: string): Promise<void> {
    try {
        const member = (await api.members()).find(({ peerURLs }) => peerURLs.includes(memberPeerUrl));
        if (member?.isLearner === true) await api.promote(member.ID);
    } catch (error) {
        log.info(`Waiting for this learner to be promoted: ${messageOf(error)}`);
    }
}

/** A server's name without what tells its disks apart. */
export function nodeOfMember({ name }: Member): string {
    return name.replace(/-[^-]*$/, "");
}

/** Ends RKE2 if another disk has been a member under this name. */
export function refuseDuplicate(members: readonly Member[], { nodeName, memberName }: Joiner): void {
    if (members.some((member) => member.name !== memberName && nodeOfMember(member) === nodeName)) {
        throw new Fatal(
            "etcd cluster join failed: duplicate node name found, please use a unique name for this node",
        );
    }
}

/** The members as etcd is told of them at its start. */
export function initialCluster(members: readonly Member[], joiner: Joiner): string {
    return members
        .flatMap(({ name, peerURLs }) =>
            peerURLs.map((url) => `${url === joiner.peerUrl ? joiner.memberName : name}=${url}`),
        )
        .join(",");
}
