import type { End } from "./daemon.ts";
import type { Meeting } from "./meeting.ts";

/** What the network's owner and the node see differently, a sentence each: what both daemons say, nothing of it guessed. */
export function disagreements(meeting: Meeting): string[] {
    const { node, nodeEnd, routerEnd, router } = meeting;
    const isUp = nodeEnd.isEstablished && routerEnd?.isEstablished === true;
    return [
        ...(isUp ? [] : [`${node} and ${router.name} have no session`]),
        ...(routerEnd === undefined ? unexpected(meeting) : between(meeting, routerEnd)),
        ...(isUp ? unhelped(meeting) : []),
        ...lost(meeting),
    ];
}

function unexpected({ node, nodeAddress, router, others }: Meeting): string[] {
    const elsewhere = others.length === 0 ? "" : `, only at ${others.join(" and ")}`;
    return [`${router.name} expects nobody at ${nodeAddress}, where ${node} is${elsewhere}`];
}

function between({ node, nodeEnd, router, isFar }: Meeting, routerEnd: End): string[] {
    const ends = [
        { who: node, end: nodeEnd, whom: router.name, other: routerEnd },
        { who: router.name, end: routerEnd, whom: node, other: nodeEnd },
    ];
    const foreign = nodeEnd.families.filter((family) => !routerEnd.families.includes(family));
    return [
        ...ends
            .filter(({ end, other }) => end.expectedASN !== 0 && end.expectedASN !== other.localASN)
            .map(
                ({ who, end, whom, other }) =>
                    `${who} expects AS ${end.expectedASN} of ${whom}, which is AS ${other.localASN}`,
            ),
        ...passwords(ends),
        ...foreign.map((family) => `${node} speaks ${family}, and ${router.name} does not`),
        ...ends
            .filter(({ end }) => isFar && end.ttl !== undefined && end.ttl < 2)
            .map(
                ({ who, end, whom }) =>
                    `packets of ${who} end after ${end.ttl ?? 0} hop, and ${whom} is 2 hops away`,
            ),
    ];
}

/** Who restarts gracefully needs a neighbour that keeps its routes for so long. */
function unhelped({ node, nodeEnd, session, router }: Meeting): string[] {
    return session.restartTime === undefined || nodeEnd.neighboursRestartTime !== undefined
        ? []
        : [`${node} restarts gracefully, and ${router.name} does not help it`];
}

/** Passwords are compared, and told to nobody. */
function passwords(
    ends: readonly { readonly who: string; readonly end: End; readonly other: End }[],
): string[] {
    const [one] = ends;
    if (one === undefined || one.end.password === one.other.password) return [];
    const alone = ends.find(({ other }) => other.password === "");
    return [
        alone === undefined
            ? `${ends.map(({ who }) => who).join(" and ")} have different TCP MD5 passwords`
            : `only ${alone.who} has a TCP MD5 password`,
    ];
}

function lost({ node, session, router, routes }: Meeting): string[] {
    const got = new Set(routes.map(({ prefix }) => prefix));
    return session.routes
        .filter(({ prefix }) => !got.has(prefix))
        .map(({ prefix }) => `${router.name} has not got ${prefix} from ${node}`);
}
