import * as announcing from "./announcing.ts";
import * as api from "./api.ts";
import { certificateLives } from "./certificates.ts";
import * as config from "./config.ts";
import * as features from "./features.ts";
import { idsInRange, idsUnique, names } from "./identity.ts";
import * as labels from "./labels.ts";
import * as meshApi from "./mesh-api.ts";
import * as nodes from "./nodes.ts";
import { poolFamilies, poolsFitProvider, poolsInPlace } from "./pools.ts";
import { disjoint, families, podCapacity, serviceCapacity } from "./ranges.ts";
import * as routing from "./routing.ts";
import * as rke2 from "./rke2.ts";
import type { Rule } from "./rule.ts";
import * as ssh from "./ssh.ts";
import { hubsExist, hubsOnce, notTooMany } from "./topology.ts";
import * as versions from "./versions.ts";

/** What must hold, in the order in which it is reported. */
export const refusals: readonly Rule[] = [
    names,
    idsInRange,
    idsUnique,
    notTooMany,
    hubsExist,
    hubsOnce,
    nodes.oddServers,
    nodes.nodeNames,
    nodes.nodeNamesUnique,
    nodes.nodeAddressesUnique,
    ssh.sshTargetsUnique,
    ssh.hostKeyOfThisHost,
    labels.nodeLabels,
    labels.nodeTaints,
    nodes.nodesInTheirNetwork,
    nodes.nodeFamilies,
    families,
    podCapacity,
    serviceCapacity,
    disjoint,
    api.apiAddressReachable,
    api.apiAddressOutsideRanges,
    api.apiAddressNotAHost,
    api.apiAddressesUnique,
    poolsInPlace,
    poolsFitProvider,
    poolFamilies,
    meshApi.meshApiPool,
    meshApi.meshApiAnnounced,
    meshApi.meshApiAddressesUnique,
    meshApi.peersAreLetIn,
    meshApi.ownAnnotations,
    meshApi.nodePortInRange,
    meshApi.nodePortsDiffer,
    versions.knownCilium,
    versions.ciliumRunsOnKubernetes,
    versions.ciliumSkew,
    versions.ciliumFirstInstalled,
    versions.metalLbVersion,
    routing.oneRouting,
    routing.oneEncryption,
    routing.nativeCoversPods,
    routing.ipv6Only,
    routing.oneTunnelPort,
    features.versionHasIt,
    features.passedThroughValues,
    features.passedThroughConfig,
    config.clusterDnsIsAService,
    config.meshApiInNodePorts,
    rke2.kubeVipHasAnAddress,
    rke2.someServersLeft,
    rke2.oneLogin,
    rke2.controllerUpgradesTarballs,
    rke2.snapshotsOnce,
    features.egressPrerequisites,
    features.dsrNeedsItsPath,
    features.authModesMeet,
    features.hubbleParts,
    features.mutualAuthentication,
    features.operatorsHaveNodes,
    announcing.speakerCanDoIt,
    announcing.someNodeAnnounces,
    announcing.oneBgpSpeaker,
    announcing.differentProviders,
    announcing.movingNeedsAClass,
    announcing.overriddenNodesExist,
    announcing.peerFamilies,
    announcing.neighboursAreElsewhere,
    announcing.overriddenNodesSpeak,
    certificateLives,
];

/** What is allowed, and still worth a second thought. */
export const cautions: readonly Rule[] = [
    ssh.hostKeys,
    ssh.hostKeysDiffer,
    nodes.fixedApiAddress,
    labels.someNodeIsOpen,
    rke2.lostNodes,
    meshApi.nodePortIsFragile,
    meshApi.nobodyAnnounces,
    routing.nativeHasRoutes,
    routing.directRoutesReach,
    features.strictCoversPods,
    announcing.patternsMatchParts,
    features.policyDefaultChanges,
    features.mutualAuthenticationEnds,
];
