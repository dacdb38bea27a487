/* Simulated, as all of this kubelet: ends every pod of this host at once and removes what the kubelet has made for it. */
import { say } from "./log.ts";
import { endLeftover } from "./pod/leftover.ts";
import { loadStates } from "./pod/pod-state.ts";

for (const state of loadStates().values()) {
    say(`${state.namespace}/${state.name}: is ended`);
    await endLeftover(state, 0);
}
