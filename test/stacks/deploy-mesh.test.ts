/* That the members share one CA, that each has its token, and what the stack exports. */
import { expect, it } from "vitest";

import { deriveToken } from "../../components/rke2/cluster-tokens.ts";
import { fromConfig, type MeshDescription } from "../../model/describe.ts";
import { record } from "../../plan/record.ts";
import { accept } from "../../stacks/accept.ts";
import { deployMesh } from "../../stacks/deploy-mesh.ts";
import { highlyAvailable, oneCluster, twoClusters, type TwoClusters } from "../support/mesh.ts";
import { deployed, testSecrets } from "../support/program.ts";

const COMMAND = "command:remote:Command";

/** What the stack exports for a description. */
async function exportsOf(description: MeshDescription) {
    const { exported } = await record(
        () => {
            const { mesh } = accept("test", description, { secrets: testSecrets, refuseWarnings: false });
            return { ...deployMesh(mesh, testSecrets) };
        },
        { project: "multicluster", stack: "test" },
    );
    return exported;
}

/** Two clusters whose nodes, pods and Services speak IPv6 only. */
function onlyIPv6(): TwoClusters {
    const mesh = twoClusters();
    for (const [name, cluster] of Object.entries(mesh.clusters)) {
        const net = `fd00:c0:${cluster.id}0:`;
        cluster.podCidr = `fd00:${cluster.id}0::/56`;
        cluster.serviceCidr = `fd00:${cluster.id}1::/112`;
        cluster.nodeCidr = `${net}:/64`;
        cluster.servers = { [`${name}-1`]: { address: `${net}:11` } };
        cluster.agents = { [`${name}-2`]: { address: `${net}:12` } };
        cluster.loadBalancer = { provider: "lb-ipam", pools: { mesh: [`${net}:200-${net}:2ff`] } };
    }
    return mesh;
}

it("exports the CA's certificate, when each certificate ends, and each cluster's endpoints and kubeconfig, which is secret", async () => {
    const mesh = twoClusters();
    mesh.clusters.east.meshApi = { type: "LoadBalancer", address: "192.168.10.207" };
    mesh.clusters.west.meshApi = { type: "NodePort", nodePort: 32_001 };
    const { inputs, secretPaths } = await exportsOf(mesh);
    expect(inputs).toEqual({
        caCertificate: "[ca-cert.certPem]",
        certificateEnds: {
            ca: "[ca-cert.validityEndTime]",
            clusters: {
                east: {
                    server: "[east-certificates-server-cert.validityEndTime]",
                    admin: "[east-certificates-admin-cert.validityEndTime]",
                    remote: "[east-certificates-remote-cert.validityEndTime]",
                    local: "[east-certificates-local-cert.validityEndTime]",
                },
                west: {
                    server: "[west-certificates-server-cert.validityEndTime]",
                    admin: "[west-certificates-admin-cert.validityEndTime]",
                    remote: "[west-certificates-remote-cert.validityEndTime]",
                    local: "[west-certificates-local-cert.validityEndTime]",
                },
            },
        },
        clusters: {
            east: {
                api: "192.168.10.11:6443",
                meshApi: "192.168.10.207:2379",
                kubeconfig: "[east-kubeconfig.stdout]",
            },
            west: {
                api: "192.168.20.11:6443",
                meshApi: "192.168.20.11:32001",
                kubeconfig: "[west-kubeconfig.stdout]",
            },
        },
    });
    expect([...secretPaths].sort()).toEqual(["clusters.east.kubeconfig", "clusters.west.kubeconfig"]);
});

it("exports the API's own address where a cluster has one, and the first server's for a node port", async () => {
    const mesh = highlyAvailable();
    mesh.clusters.west.meshApi = { type: "NodePort" };
    const { inputs } = await exportsOf(mesh);
    expect(inputs["clusters"]).toEqual({
        east: {
            api: "api.east.example.net:6443",
            meshApi: "192.168.10.200:2379",
            kubeconfig: "[east-kubeconfig.stdout]",
        },
        west: {
            api: "api.west.example.net:6443",
            meshApi: "192.168.20.11:32379",
            kubeconfig: "[west-kubeconfig.stdout]",
        },
    });
});

it("writes IPv6 addresses in brackets", async () => {
    const mesh = onlyIPv6();
    mesh.clusters.west.meshApi = { type: "NodePort", nodePort: 32_001 };
    const { inputs } = await exportsOf(mesh);
    expect(inputs["clusters"]).toEqual({
        east: {
            api: "[fd00:c0:10::11]:6443",
            meshApi: "[fd00:c0:10::200]:2379",
            kubeconfig: "[east-kubeconfig.stdout]",
        },
        west: {
            api: "[fd00:c0:20::11]:6443",
            meshApi: "[fd00:c0:20::11]:32001",
            kubeconfig: "[west-kubeconfig.stdout]",
        },
    });
});

it("makes one CA, with the mesh's name and the life it is to have", async () => {
    const deployment = await deployed({
        ...twoClusters(),
        name: "lab",
        certificates: { caValidityHours: 50_000 },
    });
    const ca = deployment.one("multicluster:tls:SharedCa", "ca");
    expect(ca.inputs).toEqual({ meshName: "lab", validityHours: 50_000 });
    const authorities = deployment.resources.filter(
        ({ type }) => type === "tls:index/selfSignedCert:SelfSignedCert",
    );
    expect(authorities).toHaveLength(1);
    expect(authorities[0]?.inputs).toEqual({
        privateKeyPem: "[ca-key.privateKeyPem]",
        subject: { commonName: "lab mesh CA" },
        isCaCertificate: true,
        allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
        setSubjectKeyId: true,
        validityPeriodHours: 50_000,
        earlyRenewalHours: 0,
    });
});

it("uses the token that a cluster names, and derives one for each that names none", async () => {
    const mesh = twoClusters();
    mesh.clusters.west.token = fromConfig("westToken");
    mesh.clusters["north"] = oneCluster(3, "north");
    const deployment = await deployed(mesh);
    const token = (node: string) => {
        const { stdin } = deployment.one(COMMAND, `${node}-install`).inputs;
        return typeof stdin === "string" ? /^TOKEN='(.*)'$/m.exec(stdin)?.[1] : undefined;
    };
    const seed = "[tokens-seed.privateKeyPem]";
    expect(token("east-east-1")).toBe(deriveToken(seed, "east"));
    expect(token("east-east-2")).toBe(deriveToken(seed, "east"));
    expect(token("west-west-1")).toBe("<secret westToken>");
    expect(token("west-west-2")).toBe("<secret westToken>");
    expect(token("north-north-1")).toBe(deriveToken(seed, "north"));
});

it("gives every member the same CA and lets none wait for another", async () => {
    const { resources } = await deployed(twoClusters());
    const clusters = resources.filter(({ type }) => type === "multicluster:mesh:Cluster");
    expect(clusters.map(({ name, dependsOn, parent }) => ({ name, dependsOn, parent }))).toEqual([
        { name: "east", dependsOn: [], parent: undefined },
        { name: "west", dependsOn: [], parent: undefined },
    ]);
    const signers = resources
        .filter(({ type }) => type === "tls:index/locallySignedCert:LocallySignedCert")
        .map(({ inputs }) => [inputs["caCertPem"], inputs["caPrivateKeyPem"]]);
    expect(new Set(signers.map(String))).toEqual(new Set(["[ca-cert.certPem],[ca-key.privateKeyPem]"]));
});
