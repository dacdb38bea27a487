import { createHmac } from "node:crypto";

import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";
import { z } from "zod";

import { show, type Problem } from "../../model/problem.ts";
import { IPSEC_KEY_IDS } from "../../model/support/ipsec-key.ts";
import { refuse } from "../refuse.ts";
import { onceMade, refuseChanges } from "../refuse-changes.ts";

const TYPE = "multicluster:cilium:IpsecKey";

/** How long agents keep the key before: until every node of every cluster has the next one. */
export const KEEP_OLD_KEY = "15m";

/** All of it is plain: it decides which key it is. */
export interface IpsecKeyArgs {
    /** Which key it is, counted from 1. One more makes the next one. */
    readonly generation: number;
    /** The versions of Cilium that use it, each once. */
    readonly ciliumVersions: readonly string[];
}

/**
 * The key with which all clusters of a mesh encrypt by IPsec, derived from one key that stays in the stack's state. It is not
 * protected: without IPsec nobody needs it. It refuses to go back, to leave one out, and to change while Cilium is upgraded:
 * agents agree on a key only with those that have the same one or the one before.
 */
export class IpsecKey extends pulumi.ComponentResource {
    /** The content of the Secret, secret. */
    readonly key: pulumi.Output<string>;

    constructor(name: string, args: IpsecKeyArgs, opts: pulumi.ComponentResourceOptions = {}) {
        refuse(`IpsecKey ${name}`, problemsOf(args));
        super(
            TYPE,
            name,
            { ...args },
            pulumi.mergeOptions(
                opts,
                refuseChanges(name, "encryption", onceMade("generation", keyChangeProblems)),
            ),
        );

        const seed = new tls.PrivateKey(
            `${name}-seed`,
            { algorithm: "ECDSA", ecdsaCurve: "P256" },
            { parent: this },
        );
        const { generation } = args;
        this.key = pulumi.secret(seed.privateKeyPem.apply((pem) => deriveIpsecKey(pem, generation)));

        this.registerOutputs({ generation });
    }
}

/** 16 bytes of AES and 4 of salt, each as two digits. */
const DIGITS = 40;

/** The key of a generation from the seed in PEM form: HMAC-SHA256 of its name. The `+` lets every pair of nodes have its own. */
export function deriveIpsecKey(seedPem: string, generation: number): string {
    const digest = createHmac("sha256", seedPem).update(`ipsec key ${generation}`).digest("hex");
    return `${((generation - 1) % IPSEC_KEY_IDS) + 1}+ rfc4106(gcm(aes)) ${digest.slice(0, DIGITS)} 128`;
}

function problemsOf({ generation }: IpsecKeyArgs): Problem[] {
    return Number.isInteger(generation) && generation >= 1
        ? []
        : [
              {
                  path: "generation",
                  value: show(generation),
                  rule: "must be a whole number, at least 1",
                  fix: "write 1, or one more than last time",
              },
          ];
}

const shownKey = z.object({ generation: z.number(), ciliumVersions: z.array(z.string()) });

/** Why a key cannot follow the one that is in use. */
export function keyChangeProblems(before: unknown, after: unknown): Problem[] {
    const [old, next] = [shownKey.safeParse(before).data, shownKey.safeParse(after).data];
    if (old === undefined || next === undefined || old.generation === next.generation) return [];
    const problem = (rule: string, fix: string) => [
        { path: "cilium.encryption.keyGeneration", value: show(next.generation), rule, fix },
    ];
    if (next.generation !== old.generation + 1) {
        return problem(
            `does not follow ${old.generation}, which the clusters use: agents agree only on the key that they have and the next one`,
            `write ${old.generation + 1}, and let ${KEEP_OLD_KEY} pass after it before the one after that`,
        );
    }
    const versions = [...new Set([...old.ciliumVersions, ...next.ciliumVersions])];
    return versions.length > 1
        ? problem(
              `comes while Cilium is upgraded (${versions.join(", ")}): the key may change only where all nodes run one version`,
              `write ${old.generation} until every cluster has the same version`,
          )
        : [];
}
