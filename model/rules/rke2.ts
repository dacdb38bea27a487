import { contains, parseAddress, parseRange } from "../net/range.ts";
import { nodePath } from "../paths.ts";
import { show } from "../problem.ts";
import { SNAPSHOT_KEYS } from "../support/rke2-key-table.ts";
import { nodesOf } from "./nodes.ts";
import { forEachCluster, type Rule } from "./rule.ts";

/** kube-vip answers ARP for one address, so it must be one, and in the servers' own network. */
export const kubeVipHasAnAddress: Rule = forEachCluster(({ api, nodeCidrs }, at) => {
    if (api.kubeVip === undefined) return [];
    const address = api.fixed ? parseAddress(api.address) : undefined;
    if (address === undefined) {
        return [
            {
                path: `${at}.kubeVip`,
                value: api.fixed ? show(api.address) : undefined,
                rule: "needs the address that the servers are to hold as apiAddress",
                fix: "set apiAddress to a free address of nodeCidr",
            },
        ].map(({ value, ...problem }) => (value === undefined ? problem : { ...problem, value }));
    }
    return nodeCidrs.flatMap((text) => parseRange(text) ?? []).some((network) => contains(network, address))
        ? []
        : [
              {
                  path: `${at}.apiAddress`,
                  value: show(api.address),
                  rule: `lies outside nodeCidr (${nodeCidrs.join(" and ")}): kube-vip holds an address of the servers' own network`,
                  fix: "choose a free address of nodeCidr",
              },
          ];
});

/** Two of three servers are a majority; one of two is none. */
export const someServersLeft: Rule = forEachCluster(({ servers }, at) => {
    const lost = servers.filter((server) => server.lost);
    return lost.length * 2 < servers.length || servers.length === 0
        ? []
        : [
              {
                  path: `${at}.servers`,
                  value: show(lost.map(({ name }) => name)),
                  rule: `are lost, ${lost.length} of ${servers.length} servers: the others are no majority, so etcd no longer answers and no node can be taken out`,
                  fix: "leave lost out, and bring the cluster back from a snapshot with the servers that are left: npm run restore",
              },
          ];
});

/** A registry is told a user and a password, or a token. */
export const oneLogin: Rule = forEachCluster(({ rke2: { registries } }, at) =>
    Object.entries(registries?.configs ?? {}).flatMap(([host, { auth, tls }]) => {
        const path = `${at}.rke2.registries.configs.${host}`;
        const [user, password, token] = [auth?.username, auth?.password, auth?.token];
        const half = (user === undefined) !== (password === undefined);
        return [
            ...(half || (token !== undefined && user !== undefined)
                ? [
                      {
                          path: `${path}.auth`,
                          rule: "must have a username and a password, or a token alone",
                          fix: "leave out what is too much, or add what is missing",
                      },
                  ]
                : []),
            ...((tls?.certFile === undefined) === (tls?.keyFile === undefined)
                ? []
                : [
                      {
                          path: `${path}.tls`,
                          rule: "has only one of certFile and keyFile: a client's certificate needs its key",
                          fix: "name both, or neither",
                      },
                  ]),
        ];
    }),
);

/** A controller inside the cluster swaps the binary that the tarball has put there, and knows no packages or copied files. */
export const controllerUpgradesTarballs: Rule = forEachCluster(({ rke2: { upgradeBy, install } }, at) =>
    upgradeBy === "ssh" || install.method === "tar"
        ? []
        : [
              {
                  path: `${at}.rke2.upgrade.by`,
                  value: show(upgradeBy),
                  rule: `replaces RKE2's binary alone, and this cluster's comes by the method ${install.method}: packages or copied images would stay behind`,
                  fix: 'write upgrade: { by: "ssh" }, or install by the method "tar"',
              },
          ],
);

/** Snapshots are described once. */
export const snapshotsOnce: Rule = forEachCluster(({ rke2: { snapshots, config } }, at) =>
    snapshots === undefined
        ? []
        : Object.keys(config)
              .filter((key) => SNAPSHOT_KEYS.includes(key))
              .map((key) => ({
                  path: `${at}.rke2.config.${key}`,
                  rule: "is set beside rke2.snapshots, which sets it too",
                  fix: "say it in rke2.snapshots, or leave that out and set all in rke2.config",
              })),
);

/** What is described of it does not hold there. */
export const lostClusters: Rule = forEachCluster(({ lost }, at) =>
    lost !== true
        ? []
        : [
              {
                  path: `${at}.lost`,
                  value: "true",
                  rule: "leaves all of the cluster as it was: what changes in the description does not reach it, and no rotation of the CA can go on without it",
                  fix: "take lost out when its hosts answer again, and run up; if they never will, run up with it, and leave the cluster out in a change after that",
              },
          ],
);

/** A cluster is never changed node by node while one of its hosts is gone and not said to be lost; this shows who is. */
export const lostNodes: Rule = forEachCluster((cluster) =>
    nodesOf(cluster)
        .filter(({ lost }) => lost)
        .map((node) => ({
            path: `${nodePath(cluster, node)}.lost`,
            value: "true",
            rule: "takes the node out of its cluster and asks its host nothing: RKE2 and its data stay there",
            fix: "leave the node out of the description after this up; run rke2-uninstall.sh on the host if it ever comes back",
        })),
);
