import { z } from "zod";

const KEY = /^[A-Za-z0-9][A-Za-z0-9_.-]*$/;

/** A secret of the stack's configuration, by its key. A description never holds a secret itself. */
export interface SecretRef {
    /** The key: set with `pulumi config set --secret KEY`. */
    readonly fromConfig: string;
}

/** A secret of the stack's configuration: `fromConfig("torPassword")`. */
export function fromConfig(key: string): SecretRef {
    return { fromConfig: key };
}

/** A reference to a secret. Whatever else stands there is never repeated in a message: it may be the secret itself. */
export const secretRef = z.custom<SecretRef>(
    (value) =>
        typeof value === "object" &&
        value !== null &&
        Object.keys(value).join() === "fromConfig" &&
        "fromConfig" in value &&
        typeof value.fromConfig === "string" &&
        KEY.test(value.fromConfig),
    {
        error: "must name a secret of the stack's configuration, and not hold one",
        params: {
            secret: true,
            fix: 'write fromConfig("someKey") here and run: pulumi config set --secret someKey',
        },
    },
);
