import { show, type Problem } from "../problem.ts";
import type { L2 } from "../resolved.ts";

/** What the agents do by default, in seconds. */
const DEFAULT = { durationSeconds: 15, renewDeadlineSeconds: 5, retryPeriodSeconds: 2 } as const;

/** For so many announced Services the rate is computed by default. */
const DEFAULT_SERVICES = 200;

/** What the agents ask the API besides, each second; it is their chart's default. */
const BESIDE = 10;

/** Client-go waits up to so much longer than the period, in order that not all nodes ask at once. */
const JITTER = 1.2;

/** The times of leases, each of them said. */
export function leaseTimes({ lease }: Pick<L2, "lease">) {
    return {
        durationSeconds: lease?.durationSeconds ?? DEFAULT.durationSeconds,
        renewDeadlineSeconds: lease?.renewDeadlineSeconds ?? DEFAULT.renewDeadlineSeconds,
        retryPeriodSeconds: lease?.retryPeriodSeconds ?? DEFAULT.retryPeriodSeconds,
    };
}

/**
 * How often an agent may ask the API, at worst the one that answers for all Services: each costs a request for every renewal
 * (https://docs.cilium.io/en/stable/network/l2-announcements/#sizing-client-rate-limit).
 */
export function clientRate(l2: Pick<L2, "lease" | "services">): { qps: number; burst: number } {
    const { renewDeadlineSeconds } = leaseTimes(l2);
    const qps = Math.ceil((l2.services ?? DEFAULT_SERVICES) / renewDeadlineSeconds) + BESIDE;
    return { qps, burst: 2 * qps };
}

/** Times that the agents would replace by others, with no more than a line in their log. */
export function leaseProblems(l2: L2, path: string): Problem[] {
    if (l2.lease === undefined) return [];
    const { durationSeconds, renewDeadlineSeconds, retryPeriodSeconds } = leaseTimes(l2);
    return [
        ...(renewDeadlineSeconds < durationSeconds
            ? []
            : [
                  {
                      path: `${path}.lease.renewDeadlineSeconds`,
                      value: show(renewDeadlineSeconds),
                      rule: `is not shorter than the lease, ${durationSeconds} seconds: it would end before it is renewed, so the agents would take other times`,
                      fix: "write a third of durationSeconds",
                  },
              ]),
        ...(renewDeadlineSeconds > retryPeriodSeconds * JITTER
            ? []
            : [
                  {
                      path: `${path}.lease.retryPeriodSeconds`,
                      value: show(retryPeriodSeconds),
                      rule: `with a fifth on top is not shorter than renewDeadlineSeconds, ${renewDeadlineSeconds}: no second try would fit, so the agents would take other times`,
                      fix: "write less than five sixths of renewDeadlineSeconds, or make that longer",
                  },
              ]),
    ];
}
