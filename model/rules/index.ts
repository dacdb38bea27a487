import * as aci from "./aci.ts";
import * as announcing from "./announcing.ts";
import * as api from "./api.ts";
import * as bgp from "./bgp.ts";
import * as bundled from "./bundled.ts";
import * as certgen from "./certgen.ts";
import * as certificates from "./certificates.ts";
import * as clusterset from "./clusterset.ts";
import * as config from "./config.ts";
import * as datapath from "./datapath.ts";
import * as egress from "./egress.ts";
import * as existing from "./existing.ts";
import * as features from "./features.ts";
import { idsInRange, idsUnique, names } from "./identity.ts";
import * as labels from "./labels.ts";
import * as meshApi from "./mesh-api.ts";
import * as meshApiNames from "./mesh-api-names.ts";
import { meshDomainsAreUsed, meshDomainsHoldNames } from "./mesh-domains.ts";
import * as nodes from "./nodes.ts";
import { poolFamilies, poolsFitProvider, poolsInPlace, reservedLeavesAddresses } from "./pools.ts";
import { disjoint, families, podCapacity, serviceCapacity } from "./ranges.ts";
import * as routing from "./routing.ts";
import * as rke2 from "./rke2.ts";
import type { Rule } from "./rule.ts";
import * as ssh from "./ssh.ts";
import { hubsExist, hubsOnce, notTooMany } from "./topology.ts";
import * as upgrade from "./upgrade.ts";
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
    reservedLeavesAddresses,
    poolFamilies,
    meshApi.meshApiPool,
    meshApi.meshApiAnnounced,
    meshApi.meshApiAddressesUnique,
    meshApi.peersAreLetIn,
    meshApi.ownAnnotations,
    meshApi.sharingLimitHolds,
    meshApiNames.meshApiNamesUnique,
    meshApiNames.meshApiNamesOutside,
    meshDomainsHoldNames,
    existing.nodePortHasAName,
    meshApi.nodePortInRange,
    meshApi.nodePortsDiffer,
    versions.knownCilium,
    versions.ciliumRunsOnKubernetes,
    versions.ciliumSkew,
    versions.ciliumFirstInstalled,
    versions.defaultGatewayIsFound,
    upgrade.upgradeByOneMinor,
    upgrade.upgradeOrderIsWhole,
    upgrade.upgradeKeepsFirstVersion,
    bundled.bundledComesWithRke2,
    bundled.bundledVersionIsBrought,
    bundled.bundledUpgradesOverSsh,
    bundled.bundledFindsItsKinds,
    bundled.bundledImagesAreItsOwn,
    bundled.bundledIsNotDisabled,
    bundled.bundledInstallerHasAServer,
    clusterset.clustersetDnsIsOurs,
    clusterset.clustersetDnsIsKnown,
    clusterset.clustersetDnsIsInstalled,
    clusterset.clustersetDnsHasADomain,
    clusterset.clustersetDnsIsToldOnce,
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
    datapath.optionsGoTogether,
    datapath.optionsAreUsed,
    datapath.ipsecKeyHasOneOrigin,
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
    bgp.instancesApart,
    bgp.routerIdsHaveRoom,
    bgp.nodesHaveRouterIds,
    egress.egressIsOn,
    egress.egressFitsVersion,
    egress.egressGatewaysExist,
    egress.egressAddressOnce,
    egress.egressInSubnet,
    egress.egressOwnersApart,
    aci.anchoredNodesExist,
    aci.anchoredAllOrNone,
    certificates.certificateLives,
    certificates.broughtCaSigns,
    certificates.nextCaIsAnother,
    certificates.hubbleTlsParts,
    certgen.certgenRotatesNoCa,
    certgen.certgenRunsInTime,
    certgen.certgenKnowsChains,
    certgen.certgenNamesMetrics,
    certgen.certgenFindsTheCa,
];

/** What is allowed, and still worth a second thought. */
export const cautions: readonly Rule[] = [
    ssh.hostKeys,
    ssh.hostKeysDiffer,
    nodes.fixedApiAddress,
    labels.someNodeIsOpen,
    rke2.lostNodes,
    rke2.lostClusters,
    meshApi.nodePortIsFragile,
    meshApiNames.hostAliasesRestart,
    meshDomainsAreUsed,
    meshApi.nobodyAnnounces,
    routing.nativeHasRoutes,
    routing.directRoutesReach,
    features.strictCoversPods,
    announcing.patternsMatchParts,
    bgp.gatewayOfAnyTable,
    bgp.listenersTakePasswords,
    datapath.oneServiceLoadBalancing,
    datapath.accelerationIsInTheOpen,
    datapath.ipsecKeyIsWatched,
    datapath.serviceMonitorsNeedTheirKind,
    features.policyDefaultChanges,
    features.mutualAuthenticationEnds,
    upgrade.upgradeNotes,
    bundled.bundledVersionIsKnown,
    bundled.bundledImagesAreBrought,
    egress.egressExcludesSomething,
    egress.egressIsRouted,
    egress.fewEgressAddresses,
    certificates.rotationUnderWay,
    certificates.renewalsComeInTime,
    certgen.certgenHoldsTheKey,
];
