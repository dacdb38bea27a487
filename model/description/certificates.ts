import { z } from "zod";

import { strict } from "./strict.ts";

const hours = z.int().min(1);

/** How long certificates live. A renewal is an ordinary `pulumi up` within the last hours named here. */
export const certificates = strict({
    /** Life of the CA. @default 87600 - ten years */
    caValidityHours: hours.optional(),
    /** Life of what the CA signs; it must end before the CA. @default 8760 - one year */
    leafValidityHours: hours.optional(),
    /** How long before its end a certificate is renewed; never the CA, whose renewal is a rotation. @default 2160 - ninety days */
    leafEarlyRenewalHours: z.int().min(0).optional(),
});
