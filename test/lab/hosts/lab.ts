/* The lab's hosts, from opening them to closing them. */
export { closeLab } from "./close-lab.ts";
export { hostKey, type HostKeyPair } from "./host-key.ts";
export { listLabs } from "./lab-folder.ts";
export { BRIDGE, NETWORK, type HostSpec, type LabSpec } from "./lab-spec.ts";
export { findLab, openLab } from "./open-lab.ts";
export type { LabProcess } from "./processes.ts";
export type { Lab } from "./running-lab.ts";
