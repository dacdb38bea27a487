/* What is done to a cluster of the simulated RKE2 in its life: other versions, snapshots, rotations, removals. */
import { join } from "node:path";

import { afterAll, beforeAll, expect, test } from "vitest";

import { ended, onHost, type Place } from "../hosts/lab-fixture.ts";
import type { Lab } from "../hosts/lab.ts";
import { writeAirGapArtifacts } from "./site.ts";
import { ADDRESSES, threeHosts, type HostName } from "./three-hosts.ts";

const [OLD, NEW, SKIPPING] = ["v1.33.8+rke2r1", "v1.34.3+rke2r1", "v1.35.4+rke2r1"];
const [TOKEN, TOKEN_2] = ["0f1e2d3c4b5a69788796a5b4c3d2e1f0", "another-0f1e2d3c4b5a697887"];
const SERVERS = ["east-1", "east-2"] as const;
const DATA = "/var/lib/rancher/rke2";

let place: Place, lab: Lab;
beforeAll(async () => {
    ({ place, lab } = await threeHosts("sim-operations", SKIPPING));
});
afterAll(async () => {
    await place.dispose();
});

const unitOf = (host: HostName) => (host === "east-3" ? "rke2-agent" : "rke2-server");

async function configure(
    host: HostName,
    { server, token }: { server: boolean; token: string },
): Promise<void> {
    const role = unitOf(host) === "rke2-server";
    const lines = [
        `node-name: ${host}`,
        `node-ip: ${ADDRESSES[host]}`,
        "token-file: /etc/rancher/rke2/token",
        ...(server ? [`server: https://${ADDRESSES[host === "east-1" ? "east-2" : "east-1"]}:9345`] : []),
        ...(role ? ["cni: none", "disable-kube-proxy: true", `tls-san: ${ADDRESSES[host]}`] : []),
    ];
    await onHost(
        lab,
        host,
        `umask 077; mkdir -p /etc/rancher/rke2; echo ${token} >/etc/rancher/rke2/token
        printf '%s\\n' ${lines.map((line) => `'${line}'`).join(" ")} >/etc/rancher/rke2/config.yaml`,
    );
}

async function install(host: HostName, version: string): Promise<string> {
    return onHost(
        lab,
        host,
        `curl -sfL https://get.rke2.io | INSTALL_RKE2_VERSION=${version} INSTALL_RKE2_METHOD=tar sh -`,
    );
}

/** Starts RKE2, again if it runs, and waits until it says that it is ready. */
async function restart(host: HostName): Promise<void> {
    await onHost(lab, host, `timeout 55 systemctl restart ${unitOf(host)}`);
}

/** What RKE2 says when it does not start. */
async function refusal(host: HostName): Promise<string> {
    await onHost(lab, host, `timeout 50 systemctl restart ${unitOf(host)} && exit 1 || true`);
    return onHost(lab, host, `journalctl -n 12 -u ${unitOf(host)} | grep level=fatal`);
}

function kubectl(line: string, host: HostName = "east-1"): Promise<string> {
    const kubeconfig = "/etc/rancher/rke2/rke2.yaml";
    return onHost(lab, host, `${DATA}/bin/kubectl --cache-dir=/run/kube --kubeconfig ${kubeconfig} ${line}`);
}

function versions(): Promise<string> {
    const column = "{range .items[*]}{.metadata.name}={.status.nodeInfo.kubeletVersion} {end}";
    return kubectl(`get nodes -o 'jsonpath=${column}'`);
}

const allAt = (version: string) =>
    Object.keys(ADDRESSES)
        .map((name) => `${name}=${version}`)
        .join(" ");

test("a cluster of any release is made, and says which it is", async () => {
    for (const host of ["east-1", "east-2", "east-3"] as const) {
        expect(await install(host, OLD)).toContain(`using ${OLD} as release`);
        expect(await onHost(lab, host, "rke2 --version | sed -n 1p")).toBe(`rke2 version ${OLD} (simulated)`);
        await configure(host, { server: host !== "east-1", token: TOKEN });
        // A CNI that an earlier start has left: the nodes are Ready without Cilium.
        await onHost(lab, host, "mkdir -p /etc/cni/net.d; echo '{}' >/etc/cni/net.d/05-cilium.conflist");
        await restart(host);
    }
    await expect.poll(versions, { timeout: 30_000 }).toBe(allAt(OLD));
    expect(await onHost(lab, "east-1", `grep image: ${DATA}/agent/pod-manifests/etcd.yaml`)).toBe(
        "image: index.docker.io/rancher/hardened-etcd:v3.5.26-k3s1-build20260126",
    );
});

test("a release that skips a minor, and an agent that is ahead of its servers, do not start", async () => {
    await install("east-2", SKIPPING);
    expect(await refusal("east-2")).toContain("no minor version of Kubernetes may be skipped");
    await install("east-3", NEW);
    expect(await refusal("east-3")).toContain(
        `kubelet version ${NEW} is newer than the cluster's API server ${OLD}`,
    );
    await install("east-2", OLD);
    await restart("east-2");
});

test("another release takes effect at the restart, servers first", async () => {
    await install("east-1", NEW);
    expect(await onHost(lab, "east-1", "rke2 --version | sed -n 1p")).toContain(NEW);
    expect(await versions()).toContain(`east-1=${OLD}`);
    for (const host of SERVERS) {
        await install(host, NEW);
        await restart(host);
    }
    await restart("east-3");
    await expect.poll(versions, { timeout: 30_000 }).toBe(allAt(NEW));
    expect(await onHost(lab, "east-1", `grep image: ${DATA}/agent/pod-manifests/etcd.yaml`)).toContain(
        "v3.6.5",
    );
});

let snapshot = "";

test("a snapshot is saved, listed and deleted, and compressed where that is asked for", async () => {
    await kubectl("create configmap before");
    const save = (more = "") => onHost(lab, "east-1", `rke2 etcd-snapshot save --name up ${more} 2>&1`);
    const said = await save();
    snapshot = /Snapshot (up-east-1-\d+) saved\./.exec(said)?.[1] ?? said;
    const zipped = /Snapshot (\S+\.zip) saved\./.exec(await save("--snapshot-compress"))?.[1] ?? "";
    const list = () => onHost(lab, "east-1", "rke2 etcd-snapshot list");
    expect(await list()).toMatch(
        new RegExp(`^Name +Location +Size +Created\n${snapshot} +file://${DATA}/server/db/`),
    );
    expect(await list()).toContain(zipped);
    await onHost(lab, "east-1", `rke2 etcd-snapshot delete ${zipped}`);
    expect(await list()).not.toContain(zipped);
    await onHost(lab, "east-1", `test "$(stat -c %a ${DATA}/server/db/snapshots/${snapshot})" = 600`);
    await kubectl("create configmap after");
});

test("a cluster goes on from a snapshot", async () => {
    const file = `${DATA}/server/db/snapshots/${snapshot}`;
    const reset = `rke2 server --cluster-reset --cluster-reset-restore-path=${file}`;
    const says = async (line: string) => {
        const { code, stderr } = await ended(lab.enterHost("east-1", ["bash", "-c", line]));
        return `${String(code)} ${stderr}`;
    };
    expect(await says(reset)).toMatch(/^1 .*address already in use/s);
    for (const host of SERVERS) await onHost(lab, host, "systemctl stop rke2-server");
    expect(await says("rke2 etcd-snapshot save")).toMatch(
        /^1 .*Error: see server log for details.*ECONNREFUSED/s,
    );
    await configure("east-1", { server: true, token: TOKEN });
    expect(await says(reset)).toMatch(
        /^1 .*cannot perform cluster-reset while server URL is set - remove server from configuration/s,
    );
    await configure("east-1", { server: false, token: TOKEN });
    expect(await says(`${reset}-not`)).toMatch(/^1 .*etcd: snapshot path does not exist/s);
    const done = await says(reset);
    expect(done).toMatch(/^0 .*Pre-restore etcd database moved to \S+\/server\/db\/etcd-old-\d+/s);
    expect(done).toContain(
        "Managed etcd cluster membership has been reset, restart without --cluster-reset flag now.",
    );
    expect(await says("rke2 server --cluster-reset")).toMatch(
        /^1 .*Managed etcd cluster membership was previously reset/s,
    );
    await restart("east-1");
    expect(await kubectl("get configmaps -o name")).toContain("configmap/before");
    expect(await kubectl("get configmaps -o name")).not.toContain("configmap/after");
    await onHost(lab, "east-2", `rm -rf ${DATA}/server/db`);
    await restart("east-2");
    await configure("east-1", { server: true, token: TOKEN });
    await restart("east-1");
    expect(await kubectl("get configmaps -o name", "east-2")).toContain("configmap/before");
    await expect
        .poll(() => kubectl("wait --for=condition=Ready nodes --all --timeout=40s"), { timeout: 60_000 })
        .toContain("east-3");
    await restart("east-3");
});

test("the token is rotated, and the old one opens nothing", async () => {
    const rotate = (old: string) =>
        ended(lab.enterHost("east-1", ["rke2", "token", "rotate", "--token", old, "--new-token", TOKEN_2]));
    expect(await rotate("wrong")).toMatchObject({ code: 1 });
    const { code, stdout } = await rotate(TOKEN);
    expect({ code, last: stdout.trim().split("\n").at(-1) }).toEqual({
        code: 0,
        last: "Token rotated, restart rke2 nodes with new token",
    });
    expect(await refusal("east-2")).toContain(
        "bootstrap data already found and encrypted with different token",
    );
    // Of two servers, neither goes on without the other.
    for (const host of SERVERS.toReversed()) {
        await configure(host, { server: true, token: TOKEN_2 });
        await restart(host);
    }
    await onHost(lab, "east-3", "systemctl restart --no-block rke2-agent");
    await expect
        .poll(() => onHost(lab, "east-3", "journalctl -n 3 -u rke2-agent"), { timeout: 30_000 })
        .toContain("401 Unauthorized");
    await configure("east-3", { server: true, token: TOKEN_2 });
    await restart("east-3");
    expect(await onHost(lab, "east-1", `cat ${DATA}/server/token`)).toMatch(
        new RegExp(`::server:${TOKEN_2}$`),
    );
});

test("certificates are rotated while RKE2 is stopped", async () => {
    const certificate = "sed -n 's/ *client-certificate-data: //p' /etc/rancher/rke2/rke2.yaml";
    const before = await onHost(lab, "east-1", certificate);
    const ca = await onHost(lab, "east-1", `sha256sum ${DATA}/server/tls/server-ca.crt`);
    expect((await ended(lab.enterHost("east-1", ["rke2", "certificate", "rotate"]))).stderr).toContain(
        "RKE2 is running",
    );
    await onHost(lab, "east-1", "systemctl stop rke2-server");
    expect(await onHost(lab, "east-1", "rke2 certificate rotate 2>&1")).toMatch(
        /Successfully backed up certificates to \S+\/server\/tls-\d+, please restart rke2 server or agent/,
    );
    await restart("east-1");
    expect(await onHost(lab, "east-1", certificate)).not.toBe(before);
    expect(await onHost(lab, "east-1", `sha256sum ${DATA}/server/tls/server-ca.crt`)).toBe(ca);
    expect(await kubectl("get --raw /readyz")).toBe("ok");
});

test("a pod is evicted unless a budget forbids it, and a cordoned node gets none", async () => {
    await kubectl("create deployment web --image=example.com/web --replicas=2");
    await kubectl("rollout status deployment web --timeout=40s");
    await kubectl("create poddisruptionbudget web --selector=app=web --min-available=2");
    const pods = () => kubectl("get pods --selector=app=web -o 'jsonpath={.items[*].metadata.name}'");
    const [pod = ""] = (await pods()).split(" ");
    const eviction = JSON.stringify({ apiVersion: "policy/v1", kind: "Eviction", metadata: { name: pod } });
    const path = `/api/v1/namespaces/default/pods/${pod}/eviction`;
    const evict = () => kubectl(`create --raw ${path} -f - <<<'${eviction}'`);
    await expect.poll(() => kubectl("get pdb web -o 'jsonpath={.status.currentHealthy}'")).toBe("2");
    await expect(evict()).rejects.toThrow("Cannot evict pod as it would violate the pod's disruption budget");
    await kubectl(`delete pdb web`);
    for (const host of ["east-2", "east-3"]) await kubectl(`cordon ${host}`);
    await evict();
    await expect.poll(pods, { timeout: 40_000 }).not.toContain(pod);
    await kubectl("rollout status deployment web --timeout=40s");
    const [owner = ""] = (
        await kubectl(
            `get pods --selector=app=web --sort-by=.metadata.creationTimestamp -o 'jsonpath={.items[*].spec.nodeName}'`,
        )
    )
        .split(" ")
        .slice(-1);
    expect(owner).toBe("east-1");
    for (const host of ["east-2", "east-3"]) await kubectl(`uncordon ${host}`);
    await kubectl("delete deployment web");
});

test("a server leaves etcd when it is asked to, and with a Node its password goes", async () => {
    const secrets = () => kubectl("-n kube-system get secrets -o name");
    expect((await secrets()).split("\n").sort()).toEqual(
        ["east-1", "east-2", "east-3"].map((name) => `secret/${name}.node-password.rke2`),
    );
    await kubectl("annotate node east-2 etcd.rke2.cattle.io/remove=true");
    const removed =
        "get node east-2 -o 'jsonpath={.metadata.annotations.etcd\\.rke2\\.cattle\\.io/removed-node-name}'";
    await expect.poll(() => kubectl(removed), { timeout: 30_000 }).toMatch(/^east-2-[0-9a-f]{8}$/);
    await kubectl("delete node east-2 east-3");
    await expect.poll(secrets, { timeout: 30_000 }).toBe("secret/east-1.node-password.rke2");
    for (const host of ["east-2", "east-3"] as const) await onHost(lab, host, "rke2-uninstall.sh");
});

test("a host without a way out is installed from files that are verified", async () => {
    writeAirGapArtifacts(join(lab.folder, "www/get.rke2.io/air-gap"), OLD);
    const files = [
        "install.sh",
        "rke2.linux-amd64.tar.gz",
        "sha256sum-amd64.txt",
        "rke2-images-core.linux-amd64.tar.zst",
    ];
    await onHost(
        lab,
        "east-2",
        `mkdir -p /root/air; cd /root/air; for file in ${files.join(" ")}; do curl -sfO https://get.rke2.io/air-gap/$file; done`,
    );
    const run = "cd /root/air; INSTALL_RKE2_ARTIFACT_PATH=/root/air sh install.sh";
    expect(await onHost(lab, "east-2", run)).not.toContain("downloading");
    expect(await onHost(lab, "east-2", "rke2 --version | sed -n 1p")).toContain(OLD);
    // As the real script does, without rke2-images nothing of the other images is copied.
    expect((await ended(lab.enterHost("east-2", ["ls", `${DATA}/agent/images`]))).code).not.toBe(0);
    await onHost(
        lab,
        "east-2",
        "cd /root/air; echo images >rke2-images.linux-amd64.tar.zst; sha256sum rke2-images.linux-amd64.tar.zst >>sha256sum-amd64.txt",
    );
    await onHost(lab, "east-2", run);
    expect(await onHost(lab, "east-2", `ls ${DATA}/agent/images`)).toBe(
        "rke2-images-core.linux-amd64.tar.zst\nrke2-images.linux-amd64.tar.zst",
    );
    await onHost(lab, "east-2", "echo >>/root/air/rke2.linux-amd64.tar.gz");
    await expect(onHost(lab, "east-2", run)).rejects.toThrow("download sha256 does not match");
    await onHost(lab, "east-2", "rke2-uninstall.sh; rm -rf /root/air");
});

test("the profile cis wants a host that has been prepared for it", async () => {
    await install("east-2", OLD);
    await onHost(
        lab,
        "east-2",
        "mkdir -p /etc/rancher/rke2; echo 'profile: cis' >/etc/rancher/rke2/config.yaml",
    );
    const start = async () =>
        (await ended(lab.enterHost("east-2", ["timeout", "3", "rke2", "server"]))).stderr;
    const said = await start();
    for (const missing of [
        "missing required: user: unknown user etcd",
        "invalid kernel parameter value kernel.panic=",
        "- expected 10",
    ]) {
        expect(said).toContain(missing);
    }
    await onHost(
        lab,
        "east-2",
        `useradd --system --user-group --no-create-home etcd
        cp /usr/local/share/rke2/rke2-cis-sysctl.conf /etc/sysctl.d/60-rke2-cis.conf
        systemctl restart systemd-sysctl`,
    );
    expect(await start()).toContain("Running etcd");
    await onHost(lab, "east-2", "rke2-uninstall.sh; rm /etc/sysctl.d/60-rke2-cis.conf; userdel etcd");
});

test("uninstalling leaves nothing on a host", async () => {
    await onHost(lab, "east-1", "rke2-uninstall.sh");
    for (const name of ["east-1", "east-2", "east-3"] as const) {
        // What accounts were added and removed in, is changed by that.
        const left = lab
            .diskFiles(name)
            .filter(
                (path) => !/^\/tmp\/|^\/etc\/(?:\.pwd\.lock|passwd|group|g?shadow|sub[ug]id)-?$/.test(path),
            );
        expect(left).toEqual([]);
        const own = lab.processes().filter(({ host }) => host === name);
        expect(own.filter(({ argv }) => /rke2|kube|etcd/.test(argv.join(" ")))).toEqual([]);
    }
});
