/* Mistakes that somebody could make in the program, each as changes of its text. */
import type { Edit } from "../../mesh/program.ts";

type Mistake = readonly Edit[];

export const WRONG_ADDRESS_IN_CERTIFICATE: Mistake = [
    {
        file: "components/tls/leaf.ts",
        find: "...(extraServerNames?.ipAddresses ?? [])]",
        replace: "...(extraServerNames?.ipAddresses ?? []).map((ip) => ip.replace(/200$/, '250'))]",
    },
];

export const WRONG_PEER_ADDRESS: Mistake = [
    {
        file: "components/cilium/clustermesh-values.ts",
        find: "const [address] = addresses;",
        replace: "const [address] = addresses.map((one) => one.replace(/200$/, '201'));",
    },
];

/** The chart does not wait for the certificates, nor do the objects for the network. */
export const NOTHING_WAITS: Mistake = [
    { file: "stacks/deploy-cluster.ts", find: "dependsOn: [...secrets, ", replace: "dependsOn: [" },
    {
        file: "stacks/deploy-cluster.ts",
        find: "{ ...inside, dependsOn: [network.ready] }",
        replace: "inside",
    },
];

/** Certificates that come so late that nobody has them by luck. */
export const SLOW_CERTIFICATES: Mistake = [
    {
        file: "components/tls/cluster-certificates.ts",
        find: '"tls.crt": chainPem === "" ? certPem : pulumi.concat(certPem, chainPem),',
        replace:
            '"tls.crt": certPem.apply((pem) => new Promise((done) => setTimeout(() => done(pem), 30_000))),',
    },
];

/** As someone does who lets the chart make certificates; and what a slip of `unsecret` adds. */
export const CA_KEY_IN_VALUES: Mistake = [
    {
        file: "stacks/deploy-cluster.ts",
        find: "{ ...ciliumArgs(this.#args), gatekeeper, kubeconfig },",
        replace: "{ ...ciliumArgs(this.#args), gatekeeper, kubeconfig, caKey: this.#args.ca.privateKeyPem },",
    },
    {
        file: "components/cilium/cilium.ts",
        find: "                values,\n                kubeconfig:",
        replace:
            "values: { ...values, extraConfig: { 'ca-key': pulumi.unsecret(args.caKey) }, tls: { ca: { key: base64(args.caKey) } } }, kubeconfig:",
    },
    {
        file: "components/cilium/cilium.ts",
        find: "const TYPE =",
        replace:
            "const base64 = (key) => key.apply((pem) => Buffer.from(pem).toString('base64'));\nconst TYPE =",
    },
];

/** Among the arguments of a program on a host, and in a log there. */
export const TOKEN_IN_THE_OPEN: Mistake = [
    {
        file: "components/host/host-script.ts",
        find: "create: bash,",
        replace: 'create: pulumi.interpolate`${bash} -- ${variables["TOKEN"] ?? ""}`,',
    },
    {
        file: "components/rke2/scripts/node.sh",
        find: "    lock\n",
        replace: '    lock\n    echo "$TOKEN" >>/var/log/multicluster.log\n',
    },
];
