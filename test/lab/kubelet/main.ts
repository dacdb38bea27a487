/*
 * Simulated: a kubelet. It registers its node and runs the pods of Cilium's and MetalLB's control plane as real processes, in
 * namespaces and with the files and variables that a real kubelet would give them. Every other pod is only called running and
 * ready, and of static pods only kube-vip does something. There is no container runtime, no image, no cgroup, and the API of a kubelet (logs, exec) is not served.
 */
import { parseArguments } from "./arguments.ts";
import { Kubelet } from "./kubelet.ts";
import { becomeOnlyKubelet } from "./lock.ts";
import { reason, say } from "./log.ts";
import { refusedLabels } from "./node/labels.ts";

const STOP_MS = 3_000;

try {
    const args = parseArguments(process.argv.slice(2));
    const refused = refusedLabels(args.labels);
    if (refused.length > 0) {
        throw new Error(
            `unknown 'kubernetes.io' or 'k8s.io' labels specified with --labels: ${refused.join(", ")}. Kubernetes keeps these for itself: choose others`,
        );
    }
    becomeOnlyKubelet();
    const kubelet = new Kubelet(args);
    process.once("SIGTERM", () => {
        // Whatever does not end in time ends with this process.
        setTimeout(() => process.exit(0), STOP_MS);
        void kubelet.stop().then(() => process.exit(0));
    });
    await kubelet.run();
} catch (error) {
    say(reason(error));
    process.exitCode = 1;
}
