import * as pulumi from "@pulumi/pulumi";

import { reasonOf } from "../model/plain.ts";

/** A mistake of the user is a message; one of the program comes with the place it was made at. */
export function messageOf(error: unknown): string {
    if (pulumi.RunError.isInstance(error)) return error.message;
    return error instanceof Error ? (error.stack ?? error.message) : reasonOf(error);
}
