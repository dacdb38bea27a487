import { parseAddress } from "../net/range.ts";
import { nodePath } from "../paths.ts";
import { show, type Problem } from "../problem.ts";
import type { SshTarget } from "../resolved.ts";
import { parseHostKey } from "../support/host-key.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, repeated, type Rule } from "./rule.ts";

/** One spelling of a name or address: names are the same in any case, addresses by number. */
function sameHost(host: string): string {
    const address = parseAddress(host);
    return address === undefined ? host.toLowerCase() : `${address.family} ${address.first}`;
}

/** Two nodes behind one SSH address would be one machine, installed twice. */
export const sshTargetsUnique: Rule = ({ clusters }) => {
    const targets = clusters.flatMap((cluster) =>
        nodesOf(cluster).map((node) => ({ node, path: nodePath(cluster, node) })),
    );
    // Behind two jump hosts one private address may be two machines.
    return repeated(targets, ({ node: { ssh } }) =>
        [sameHost(ssh.jumpHost?.host ?? ""), sameHost(ssh.host), ssh.port].join(" "),
    )
        .filter(({ item, first }) => item.node.addresses[0] !== first.node.addresses[0])
        .map(({ item, first }) => ({
            path: `${item.path}.ssh`,
            value: show(`${item.node.ssh.host}:${item.node.ssh.port}`),
            rule: `leads to the same machine as ${first.path}`,
            fix: "give each node the SSH host or port of its own machine",
        }));
};

/** A line of ssh-keyscan begins with the host that was asked: another one's address means another one's key. */
export const hostKeyOfThisHost: Rule = forEachCluster((cluster, at) =>
    nodesOf(cluster).flatMap((node) => {
        const { ssh } = node;
        return [
            ...strangerProblems(
                ssh,
                [ssh.host, ...node.addresses],
                `${nodePath(cluster, node)}.ssh.hostKey`,
                "the node",
            ),
            // The address behind a name is not known here.
            ...(ssh.jumpHost === undefined || parseAddress(ssh.jumpHost.host) === undefined
                ? []
                : strangerProblems(
                      ssh.jumpHost,
                      [ssh.jumpHost.host],
                      `${at}.ssh.jumpHost.hostKey`,
                      "the jump host",
                  )),
        ];
    }),
);

function strangerProblems(
    { hostKey }: SshTarget,
    expected: readonly string[],
    path: string,
    who: string,
): Problem[] {
    const addresses = (parseHostKey(hostKey ?? "")?.hosts ?? []).filter(
        (host) => parseAddress(host) !== undefined,
    );
    const own = expected.map(sameHost);
    return addresses.length === 0 || addresses.some((address) => own.includes(sameHost(address)))
        ? []
        : [
              {
                  path,
                  value: show(addresses.join(",")),
                  rule: `is the address this key was read from, but ${who} is at ${[...new Set(expected)].join(" and ")}`,
                  fix: "paste the key of this host; if it is, leave the address before it out",
              },
          ];
}

/** Machines made from one image, with the host key in it. */
export const hostKeysDiffer: Rule = ({ clusters }) => {
    const pinned = clusters.flatMap((cluster) =>
        nodesOf(cluster).flatMap((node) => {
            const key = parseHostKey(node.ssh.hostKey ?? "");
            return key === undefined ? [] : [{ key, path: nodePath(cluster, node) }];
        }),
    );
    return repeated(pinned, ({ key }) => key.blob).map(({ item, first }) => ({
        path: `${item.path}.ssh.hostKey`,
        rule: `is also the host key of ${first.path}: either machine can pose as the other, or one of the two keys was pasted at the wrong place`,
        fix: "make new host keys on machines that were cloned (ssh-keygen -A after deleting the old ones), and pin each host's own",
    }));
};

/** Unpinned host keys: the Command provider then checks none, so anyone on the path could be the host. */
export const hostKeys: Rule = forEachCluster((cluster, at) => {
    const unpinned = nodesOf(cluster).filter(({ ssh }) => ssh.hostKey === undefined);
    const jumpHost = nodesOf(cluster).find(
        ({ ssh }) => ssh.jumpHost !== undefined && ssh.jumpHost.hostKey === undefined,
    );
    return [
        ...(unpinned.length === 0
            ? []
            : [
                  {
                      path: at,
                      rule: `SSH host keys are not checked on ${unpinned.map(({ name }) => name).join(", ")}: whoever answers at the address gets the cluster's token`,
                      fix: "set ssh.hostKey of each node to the line that ssh-keyscan -t ed25519 HOST prints, after comparing it on the host",
                  },
              ]),
        ...(jumpHost === undefined
            ? []
            : [
                  {
                      path: `${at}.ssh.jumpHost`,
                      value: show(jumpHost.ssh.jumpHost?.host),
                      rule: "its host key is not checked",
                      fix: "set hostKey of the jump host",
                  },
              ]),
    ];
});
