import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from "node:crypto";

import type { DiffResult } from "@pulumi/pulumi/provider/index.js";
import * as z from "zod";

import { revealAll, secret, type Properties } from "../property.ts";
import { changedOf, failuresOf, type Checked, type Created, type ResourceType } from "../resource-type.ts";
import { algorithmOf } from "./key.ts";
import { opensshKey } from "./openssh-key.ts";

const CURVES = { P224: "secp224r1", P256: "prime256v1", P384: "secp384r1", P521: "secp521r1" } as const;
const DEFAULTS = { ecdsaCurve: "P224", rsaBits: 2048 } as const;

const schema = z.strictObject({
    algorithm: z.enum(["RSA", "ECDSA", "ED25519"]),
    ecdsaCurve: z.enum(["P224", "P256", "P384", "P521"]).default(DEFAULTS.ecdsaCurve),
    rsaBits: z.int().positive().default(DEFAULTS.rsaBits),
});

/** tls.PrivateKey: a key pair that lives in the state. Any change makes a new one; its end is that of the state. */
export class PrivateKey implements ResourceType {
    check(inputs: Properties): Checked {
        return { inputs, failures: failuresOf(schema, inputs) };
    }

    diff(recorded: Properties, inputs: Properties): DiffResult {
        const replaces = changedOf(Object.keys(schema.shape), recorded, { ...DEFAULTS, ...inputs });
        return { changes: replaces.length > 0, replaces: [...replaces] };
    }

    create(inputs: Properties): Promise<Created> {
        const known = schema.parse(revealAll(inputs));
        const key = generate(known);
        const publicKeyPem = createPublicKey(key).export({ type: "spki", format: "pem" }).toString();
        const openssh = opensshKey(key);
        return Promise.resolve({
            id: createHash("sha1").update(publicKeyPem).digest("hex"),
            outputs: {
                ...known,
                ...inputs,
                privateKeyPem: secret(privateKeyPem(key)),
                privateKeyPemPkcs8: secret(key.export({ type: "pkcs8", format: "pem" }).toString()),
                privateKeyOpenssh: secret(openssh?.privateKey ?? ""),
                publicKeyPem,
                publicKeyOpenssh: openssh?.publicKey ?? "",
                publicKeyFingerprintMd5: openssh?.fingerprintMd5 ?? "",
                publicKeyFingerprintSha256: openssh?.fingerprintSha256 ?? "",
            },
        });
    }

    update(): Promise<Properties> {
        return Promise.reject(
            new Error("a private key has nothing that could be updated: any change replaces it"),
        );
    }

    delete(): Promise<void> {
        return Promise.resolve();
    }

    read(recorded: Properties): Properties {
        return recorded;
    }
}

function generate({ algorithm, ecdsaCurve, rsaBits }: z.infer<typeof schema>): KeyObject {
    switch (algorithm) {
        case "ECDSA":
            return generateKeyPairSync("ec", { namedCurve: CURVES[ecdsaCurve] }).privateKey;
        case "ED25519":
            return generateKeyPairSync("ed25519").privateKey;
        case "RSA":
            return generateKeyPairSync("rsa", { modulusLength: rsaBits }).privateKey;
    }
}

/** The form that is oldest for the kind: what others expect under that name. */
function privateKeyPem(key: KeyObject): string {
    const type = ({ ECDSA: "sec1", RSA: "pkcs1", ED25519: "pkcs8" } as const)[algorithmOf(key)];
    return key.export({ type, format: "pem" }).toString();
}
