import { reveal, type Properties } from "../property.ts";

const HOUR = 3_600_000;

/** Whether a recorded certificate has ended, or will within the hours given. */
export function isReadyForRenewal(recorded: Properties, earlyRenewalHours: unknown): boolean {
    const end = reveal(recorded["validityEndTime"]);
    const early = reveal(earlyRenewalHours);
    if (typeof end !== "string" || typeof early !== "number") return false;
    return new Date(end).getTime() - early * HOUR <= Date.now();
}
