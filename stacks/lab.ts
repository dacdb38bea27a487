import { defineMesh, fromConfig } from "../model/describe.ts";

/*
 * The mesh of `npm run lab`: two clusters on one machine, whose hosts exist in that command's own network only. The keys of
 * its hosts follow from their names (test/lab/hosts/host-key.ts), and test/lab checks that they are the ones here.
 */
const HOST_KEYS: Readonly<Record<string, string>> = {
    "east-1":
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBLRn6WgEqS3YrEjlZbiQyqTbj8sdTuBMMyqnP4++RgjRj9ip2s4jd6XKI0h6/nrer9us+e0yKsHAudjE2sww+6Q=",
    "east-2":
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCwRlFG3IGCBOHOnupDN2jGI7LWHA75PG0prrpRCer0L2otzLpfDaDQqpkxUSUhDgKevSty8Gsy3M54H0Oyvzag=",
    "east-3":
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBAuui+q4xl6G5otovVBZcbhvM8nVewRoxb9Z3dy7hvAzV8t/bgKhpncnb4IWJNuVW0JiQoppP9MPiRBM4tvgUrQ=",
    "east-4":
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBOy0siAzCZM6zyLUYKGaPkTCZ098nxfbgJZX0eGgnQtmbf88JYceQUfNbk7xT64qG6NM0wF4ZclmnCH1q+/7gOU=",
    "west-1":
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKoe553N7SmFyhhDxF/A5SaXgfbyBgxyKQDXQGoMrxBWaY6yKzDwMHzeRDrhS/7JGcrRuas1x/zjMFjC85dejAc=",
    "west-2":
        "ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBHoFRiLrLKBqnLuEQDtDPQyJ+e4Ua1DhVQ0dzufZuSyjqIaAALHJrccV8uLzHiEL1znECxxtPz8fpHWI3W+1ZoY=",
};

const node = (name: string, address: string) => ({ [name]: { address, ssh: { hostKey: HOST_KEYS[name] } } });

export default defineMesh({
    name: "lab",
    rke2: { version: "v1.35.4+rke2r1" },
    cilium: {
        version: "1.19.6",
        upgradeCompatibility: "1.19",
        routing: { mode: "tunnel", protocol: "vxlan" },
        policyDefaultLocalCluster: true,
    },
    ssh: { user: "root", auth: { privateKey: fromConfig("sshPrivateKey") } },
    clusters: {
        east: {
            id: 1,
            podCidr: "10.101.0.0/16",
            serviceCidr: "10.111.0.0/16",
            nodeCidr: "10.88.1.0/24",
            servers: {
                ...node("east-1", "10.88.1.11"),
                ...node("east-2", "10.88.1.12"),
                ...node("east-3", "10.88.1.13"),
            },
            agents: node("east-4", "10.88.1.21"),
            apiAddress: "api.east.lab",
            loadBalancer: {
                provider: "metallb",
                pools: { mesh: ["10.88.1.200-10.88.1.219"] },
            },
            announce: { mode: "l2", interfaces: ["eth0"] },
        },
        west: {
            id: 2,
            podCidr: "10.102.0.0/16",
            serviceCidr: "10.112.0.0/16",
            nodeCidr: "10.88.2.0/24",
            servers: node("west-1", "10.88.2.11"),
            agents: node("west-2", "10.88.2.21"),
            loadBalancer: {
                provider: "lb-ipam",
                pools: { mesh: ["10.88.2.200-10.88.2.219"] },
            },
            announce: { mode: "l2", interfaces: ["^eth0$"] },
        },
    },
    mesh: { topology: "full" },
});
