import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";

import { parse } from "yaml";
import { z } from "zod";

import { isCalledByDomain, meshApiAddresses, meshDomainOf } from "../../../../model/mesh-api.ts";
import type { Cluster } from "../../../../model/resolved.ts";
import type { LabMesh } from "../../mesh/lab-mesh.ts";
import { issue, newCa } from "../../rke2/certificate.ts";
import { meshApiAnswer, type MeshApiAnswer, type MeshApiQuestion } from "./mesh-api-question.ts";
import { readSecret } from "./read-secret.ts";
import { endedWithInput } from "../with-input.ts";

/** How long kvstoremesh may take to find its peers, once their addresses answer. */
const PAIRS_SECONDS = 180;
/** How long an address may take to answer, once a Service has it. */
const ANSWER_SECONDS = 30;
const CLIENT = fileURLToPath(new URL("mesh-api-client.ts", import.meta.url));

/**
 * Each cluster is connected to the mesh API of each of its peers: at the address that was fixed while planning, over TLS in
 * which both sides show certificates of the mesh's CA, and others are refused. An error says what is wrong.
 */
export async function everyPairConnected(lab: LabMesh): Promise<void> {
    const stranger = await strangerCertificate();
    for (const cluster of lab.mesh.clusters) {
        await hasItsAddresses(lab, cluster);
        for (const peer of cluster.peers) {
            const to = lab.cluster(peer.name);
            await isToldTheAddress(lab, cluster, to);
            await isAdmitted(lab, cluster, to);
            await othersAreRefused(lab, to, stranger);
        }
    }
    await lab.awaitPairs(PAIRS_SECONDS);
}

const service = z.object({
    status: z.object({
        loadBalancer: z.object({ ingress: z.array(z.object({ ip: z.string() })).optional() }),
    }),
});

/** The Service of its mesh API has the addresses that its peers were told. */
async function hasItsAddresses(lab: LabMesh, cluster: Cluster): Promise<void> {
    if (cluster.meshApi.type !== "LoadBalancer") return;
    const text = await lab.kubectl(
        cluster.name,
        ...["--namespace", "kube-system", "get", "service", "clustermesh-apiserver", "--output", "json"],
    );
    const given = service.parse(JSON.parse(text)).status.loadBalancer.ingress ?? [];
    const [found, wanted] = [given.map(({ ip }) => ip).join(", "), meshApiAddresses(cluster).join(", ")];
    if (found !== wanted) {
        throw new Error(`the mesh API of ${cluster.name} has the addresses [${found}], not [${wanted}]`);
    }
}

const etcdConfig = z.object({ endpoints: z.array(z.string()) });

/** What kvstoremesh reads of a peer names the peer's address, or a name for it. */
async function isToldTheAddress(lab: LabMesh, from: Cluster, to: Cluster): Promise<void> {
    const addresses = meshApiAddresses(to);
    // Several addresses are reached by one name, which the pods have in their hosts file.
    const hosts = isCalledByDomain({ addresses }) ? [`${to.name}.${meshDomainOf(lab.mesh)}`] : addresses;
    const wanted = hosts.map(
        (host) => `https://${host.includes(":") ? `[${host}]` : host}:${to.meshApi.port}`,
    );
    const { [to.name]: config } = await readSecret(lab, from.name, "cilium-kvstoremesh");
    if (config === undefined) throw new Error(`kvstoremesh of ${from.name} is not told of ${to.name}`);
    const { endpoints } = etcdConfig.parse(parse(config));
    if (endpoints.join(", ") !== wanted.join(", ")) {
        throw new Error(
            `${from.name} is told that the mesh API of ${to.name} is at ${endpoints.join(", ")}, but it is at ${wanted.join(", ")}`,
        );
    }
}

/** The server shows a certificate of the CA for its very address, and lets the cluster's own certificate in. */
async function isAdmitted(lab: LabMesh, from: Cluster, to: Cluster): Promise<void> {
    const { "ca.crt": ca, "tls.crt": cert, "tls.key": key } = await remoteCertificate(lab, from);
    for (const address of meshApiAddresses(to)) {
        const answer = await askUntilReached(lab, {
            address,
            port: to.meshApi.port,
            ca,
            client: { cert, key },
        });
        if (answer.kind === "answered" && answer.status === 200) continue;
        throw new Error(`${from.name} cannot ask the mesh API of ${to.name} at ${address}: ${show(answer)}`);
    }
}

/** Whoever has no certificate, or one of another CA, is refused. */
async function othersAreRefused(
    lab: LabMesh,
    to: Cluster,
    stranger: { readonly cert: string; readonly key: string },
): Promise<void> {
    const { "ca.crt": ca } = await remoteCertificate(lab, to);
    const { port } = to.meshApi;
    for (const address of meshApiAddresses(to)) {
        for (const [who, client] of [
            ["no certificate", {}],
            ["a certificate of another CA", { client: stranger }],
        ] as const) {
            const answer = await askUntilReached(lab, { address, port, ca, ...client });
            if (answer.kind === "failed" && REFUSALS.has(answer.code)) continue;
            throw new Error(
                `the mesh API of ${to.name} at ${address} does not refuse ${who}: ${show(answer)}`,
            );
        }
    }
}

/** What a server says by TLS to a client whose certificate it does not take. */
const REFUSALS: ReadonlySet<string> = new Set([
    "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
    "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA",
    "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE",
    "ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE",
]);

/** Who announces an address may need a moment, and so may the network. */
const NOT_REACHED: ReadonlySet<string> = new Set(["ECONNREFUSED", "EHOSTUNREACH", "ENETUNREACH"]);

async function askUntilReached(lab: LabMesh, question: MeshApiQuestion): Promise<MeshApiAnswer> {
    const end = Date.now() + ANSWER_SECONDS * 1000;
    for (;;) {
        const answer = await ask(lab, question);
        if (answer.kind === "answered" || !NOT_REACHED.has(answer.code) || Date.now() > end) return answer;
        await pause(1000);
    }
}

async function ask(lab: LabMesh, question: MeshApiQuestion): Promise<MeshApiAnswer> {
    const argv = lab.lab.enter([process.execPath, CLIENT]);
    const { status, stdout, stderr } = await endedWithInput(argv, JSON.stringify(question));
    if (status !== 0) throw new Error(`${CLIENT} failed: ${stderr.trim()}`);
    return meshApiAnswer.parse(JSON.parse(stdout));
}

/** The certificate with which a cluster asks its peers. */
async function remoteCertificate(lab: LabMesh, { name }: Cluster) {
    const secret = await readSecret(lab, name, "clustermesh-apiserver-remote-cert");
    return tlsSecret.parse(secret);
}
const tlsSecret = z.object({ "ca.crt": z.string(), "tls.crt": z.string(), "tls.key": z.string() });

/** Says that it is what a peer is, but its CA is another one. */
async function strangerCertificate() {
    const { certificate: cert, key } = await issue(await newCa("another CA"), { commonName: "remote" });
    return { cert, key };
}

function show(answer: MeshApiAnswer): string {
    return answer.kind === "answered"
        ? `it answers with status ${answer.status}`
        : `${answer.code} ${answer.message}`.trim();
}
