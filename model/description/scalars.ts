import { z } from "zod";

import { parseAddress, parseCidr, parseRange } from "../net/range.ts";
import { isLabelKey, isLabelValue, LABEL_KEY, LABEL_VALUE } from "../support/labels.ts";
import { text } from "./strict.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;
const HOST = /^[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*$/;

export const address = text(
    (value) => parseAddress(value) !== undefined,
    "must be one IPv4 or IPv6 address, without a prefix length",
    'write it as "192.168.10.11" or "fd00:10::11"',
);

export const cidr = text(
    (value) => parseCidr(value) !== undefined,
    "must be a CIDR whose host bits are zero",
    'write the network address and its prefix length, as "10.10.0.0/16" or "fd00:10::/56"',
);

/** One range, or one of each family for dual stack. */
export const cidrs = z.union([cidr, z.array(cidr).min(1).max(2)]);

export const range = text(
    (value) => parseRange(value) !== undefined,
    "must be a CIDR, a range or one address",
    'write it as "192.168.10.200-192.168.10.219", "192.168.10.192/27" or "192.168.10.200"',
);

export const host = text(
    (value) => parseAddress(value) !== undefined || HOST.test(value),
    "must be an IP address or a DNS name",
    'write it as "192.168.10.11" or "east-1.example.net", without user, port or scheme',
);

export const dnsLabel = text(
    (value) => LABEL.test(value),
    "must be a DNS label: at most 63 lower-case letters, digits and hyphens, beginning and ending with a letter or digit",
    'choose a name such as "east-1"',
);

export const dnsName = text(
    (value) => value === value.toLowerCase() && value.length <= 253 && HOST.test(value),
    "must be a DNS name in lower case",
    'write it as "cluster.local"',
);

const FULL_NAME = "must be a full DNS name in lower case, without a wildcard";

function isFullName(value: string): boolean {
    return (
        value === value.toLowerCase() && value.length <= 253 && HOST.test(value) && /\..*[a-z]/.test(value)
    );
}

export const fullName = text(isFullName, FULL_NAME, 'write it as "mesh.east.example.net"');

/** A domain that clusters have names in. */
export const meshDomain = text(isFullName, FULL_NAME, 'write it as "mesh.example.net"');

export const port = z.int().min(1).max(65535);

export const asn = z.int();

export const labelKey = text(isLabelKey, LABEL_KEY.rule, LABEL_KEY.fix);

export const labelValue = text(isLabelValue, LABEL_VALUE.rule, LABEL_VALUE.fix);

/** Kubernetes labels by key. */
export const labels = z.record(labelKey, labelValue);

const WITH_VALUES = ["In", "NotIn"];

/** Selects objects by their labels, as Kubernetes does; an empty selector selects all. */
export const labelSelector = z.strictObject({
    /** Labels that must all be there, with these values. @default - none */
    matchLabels: labels.optional(),
    /** Further conditions, all of which must hold. @default - none */
    matchExpressions: z
        .array(
            z
                .strictObject({
                    /** The label's key. */
                    key: labelKey,
                    /** How its value is compared. */
                    operator: z.enum(["In", "NotIn", "Exists", "DoesNotExist"]),
                    /** What it is compared with; for `In` and `NotIn` only, and needed there. @default - nothing */
                    values: z.array(labelValue).optional(),
                })
                .refine(({ operator, values = [] }) => !WITH_VALUES.includes(operator) || values.length > 0, {
                    error: "operator In or NotIn compares with values, and there are none",
                    path: ["values"],
                    params: { fix: "name at least one value, or use Exists or DoesNotExist" },
                })
                .refine(
                    ({ operator, values = [] }) => WITH_VALUES.includes(operator) || values.length === 0,
                    {
                        error: "operator Exists or DoesNotExist takes no values",
                        path: ["values"],
                        params: { fix: "leave values out, or use In or NotIn" },
                    },
                ),
        )
        .optional(),
});

export type LabelSelector = z.infer<typeof labelSelector>;
