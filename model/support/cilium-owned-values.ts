/*
 * Chart values that the mesh decides. The longest path that matches decides; `FREE` gives a part of an owned map back.
 * What to write instead stands beside each, in the words of the description.
 */
const FREE = undefined;

const CLUSTER = "the cluster's key under clusters is its name; write its number as id";
const MESH = "the description of the mesh decides it: see mesh, cilium and meshApi";
const MESH_API = "describe it under meshApi";
const ROUTING = "describe it under cilium.routing";
const MASQUERADE = "write cilium.masquerade";
const ENCRYPTION = "describe it under cilium.encryption";
const FAMILIES = "the families of podCidr decide it";
const HUBBLE = "describe it under cilium.hubble";
const CERTIFICATES =
    "leave it out: certificates come from the mesh's CA; who makes them is certificates.method, and their lives are described there too";
const ANNOUNCE = "describe it under loadBalancer and announce";
const KUBERNETES =
    "leave it out: nodes run without kube-proxy, and reach the API at localhost:6443 with RKE2, or else at apiAddress";
const ALWAYS = "leave it out: this program needs it as it is";
const BALANCING = "describe it under cilium.serviceLoadBalancing";
const BANDWIDTH = "describe it under cilium.bandwidthManager";
const AUTHENTICATION = "write cilium.mutualAuthentication";
const OWN_SECRET = "create a Secret and name it in existingSecret: chart values hold no keys";

const OWNERS: Readonly<Record<string, string | undefined>> = {
    agent: ALWAYS,
    "authentication.enabled": AUTHENTICATION,
    "authentication.mutual.spire.enabled": AUTHENTICATION,
    autoDirectNodeRoutes: ROUTING,
    "azure.clientSecret": "leave it out: chart values hold no secrets",
    "bandwidthManager.bbr": BANDWIDTH,
    "bandwidthManager.enabled": BANDWIDTH,
    "bgpControlPlane.enabled": ANNOUNCE,
    "bgpControlPlane.secretsNamespace": ALWAYS,
    "bpf.masquerade": MASQUERADE,
    "certgen.generateCA": CERTIFICATES,
    cluster: CLUSTER,
    clustermesh: MESH,
    "clustermesh.annotations": FREE,
    "clustermesh.apiserver": FREE,
    "clustermesh.apiserver.kvstoremesh.enabled": ALWAYS,
    "clustermesh.apiserver.kvstoremesh.kvstoreMode": ALWAYS,
    "clustermesh.apiserver.replicas": MESH_API,
    "clustermesh.apiserver.service": MESH_API,
    "clustermesh.apiserver.service.enableSessionAffinity": FREE,
    "clustermesh.apiserver.service.internalTrafficPolicy": FREE,
    "clustermesh.apiserver.service.labels": FREE,
    "clustermesh.apiserver.tls": CERTIFICATES,
    "clustermesh.apiserver.tls.authMode": "write cilium.authMode",
    "clustermesh.config.domain": "write mesh.domains",
    "clustermesh.defaultGlobalNamespace": FREE,
    "clustermesh.mcsapi": FREE,
    "clustermesh.mcsapi.enabled": "write cilium.mcsApi",
    defaultLBServiceIPAM: ANNOUNCE,
    devices: "write cilium.devices",
    "egressGateway.enabled": "write cilium.egressGateway",
    enableIPv4Masquerade: MASQUERADE,
    enableIPv6Masquerade: MASQUERADE,
    enableLBIPAM: ANNOUNCE,
    encryption: ENCRYPTION,
    "encryption.ipsec.encryptedOverlay": FREE,
    "encryption.ipsec.interface": FREE,
    "encryption.ipsec.keyRotationDuration": FREE,
    "encryption.ipsec.keyWatcher": FREE,
    "encryption.strictMode.ingress": FREE,
    "encryption.wireguard": FREE,
    "endpointRoutes.enabled": ROUTING,
    "hubble.enabled": HUBBLE,
    "hubble.metrics.enabled": HUBBLE,
    "hubble.metrics.tls.server.cert": OWN_SECRET,
    "hubble.metrics.tls.server.key": OWN_SECRET,
    "hubble.peerService.clusterDomain": "write clusterDomain",
    "hubble.relay.enabled": HUBBLE,
    "hubble.relay.tls.client": CERTIFICATES,
    "hubble.relay.tls.server.cert": OWN_SECRET,
    "hubble.relay.tls.server.key": OWN_SECRET,
    "hubble.tls": CERTIFICATES,
    "hubble.ui.enabled": HUBBLE,
    "hubble.ui.tls.client.cert": OWN_SECRET,
    "hubble.ui.tls.client.key": OWN_SECRET,
    identityAllocationMode: ALWAYS,
    "ipam.mode": "write cilium.ipam",
    "ipam.operator.clusterPoolIPv4PodCIDR": "write podCidr",
    "ipam.operator.clusterPoolIPv4PodCIDRList": "write podCidr",
    "ipam.operator.clusterPoolIPv6PodCIDR": "write podCidr",
    "ipam.operator.clusterPoolIPv6PodCIDRList": "write podCidr",
    ipv4: FAMILIES,
    ipv4NativeRoutingCIDR: ROUTING,
    ipv6: FAMILIES,
    ipv6NativeRoutingCIDR: ROUTING,
    "k8s.apiServerURLs": KUBERNETES,
    k8sServiceHost: KUBERNETES,
    k8sServiceHostRef: KUBERNETES,
    k8sServicePort: KUBERNETES,
    kubeProxyReplacement: KUBERNETES,
    "l2announcements.enabled": ANNOUNCE,
    "loadBalancer.acceleration": BALANCING,
    "loadBalancer.algorithm": BALANCING,
    "loadBalancer.dsrDispatch": BALANCING,
    "loadBalancer.mode": BALANCING,
    "maglev.tableSize": BALANCING,
    namespaceOverride: ALWAYS,
    "nat46x64Gateway.enabled": "write cilium.nat46x64",
    "operator.enabled": ALWAYS,
    "operator.replicas": "write cilium.operatorReplicas",
    "operator.skipCRDCreation": ALWAYS,
    routingMode: ROUTING,
    tls: CERTIFICATES,
    "tls.readSecretsOnlyFromSecretsNamespace": FREE,
    "tls.secretSync": FREE,
    "tls.secretsBackend": FREE,
    "tls.secretsNamespace": FREE,
    tunnelProtocol: ROUTING,
    underlayProtocol: FAMILIES,
    upgradeCompatibility: "write cilium.upgradeCompatibility",
};

/** What to write instead of a value that the mesh owns; `undefined` where the value is the user's. */
export function ownedInstead(keys: readonly string[]): string | undefined {
    for (let length = keys.length; length > 0; length--) {
        const path = keys.slice(0, length).join(".");
        if (Object.hasOwn(OWNERS, path)) return OWNERS[path];
    }
    return undefined;
}

/** Whether something other is to be written instead of a value than of the map that it is in, all of which the mesh owns. */
export function ownedByItself(keys: readonly string[]): boolean {
    return Object.hasOwn(OWNERS, keys.join("."));
}

/** The first value beneath a map that the mesh owns: who replaces the map by something else replaces that too. */
export function ownedBeneath(keys: readonly string[]): string | undefined {
    const prefix = `${keys.join(".")}.`;
    return Object.keys(OWNERS).find((path) => path.startsWith(prefix) && OWNERS[path] !== FREE);
}

/** Whether part of a map that the mesh owns is the user's nevertheless. */
export function freeBeneath(keys: readonly string[]): boolean {
    const prefix = `${keys.join(".")}.`;
    return Object.keys(OWNERS).some((path) => path.startsWith(prefix) && OWNERS[path] === FREE);
}
