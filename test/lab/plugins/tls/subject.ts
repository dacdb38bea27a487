import * as z from "zod";

import * as x509 from "./x509.ts";

/** The parts of a subject, in the order in which Go encodes them. */
const PARTS = {
    country: "2.5.4.6",
    organization: "2.5.4.10",
    organizationalUnit: "2.5.4.11",
    locality: "2.5.4.7",
    province: "2.5.4.8",
    postalCode: "2.5.4.17",
    commonName: "2.5.4.3",
    serialNumber: "2.5.4.5",
} as const;

/** A subject as an input. */
export const subjectSchema = z.strictObject(
    Object.fromEntries(Object.keys(PARTS).map((part) => [part, z.string().optional()])),
);

/** A subject as certificates hold it. */
export function subjectName(subject: z.infer<typeof subjectSchema>): x509.Name {
    return new x509.Name(
        Object.entries(PARTS).flatMap(([part, type]) => {
            const value = subject[part];
            return value === undefined || value === "" ? [] : [{ [type]: [asText(value)] }];
        }),
    );
}

/** Whether a name says nothing. */
export function isEmpty(name: x509.Name): boolean {
    return name.toJSON().length === 0;
}

/** The plainest of the two encodings that can hold it. */
function asText(value: string): x509.JsonAttributeObject {
    return x509.Name.isPrintableString(value) ? { printableString: value } : { utf8String: value };
}
