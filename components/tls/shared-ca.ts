import * as pulumi from "@pulumi/pulumi";
import * as tls from "@pulumi/tls";

import type { Problem } from "../../model/problem.ts";
import { chainOf, readChain } from "../../model/support/ca-certificate.ts";
import { trustOf } from "../../model/trust.ts";
import { refuse } from "../refuse.ts";
import { refuseChanges } from "../refuse-changes.ts";
import { caChangeProblems, settledText, type ShownCa } from "./ca-changes.ts";
import { commonNameProblems, hoursProblems } from "./certificate-problems.ts";

const TYPE = "multicluster:tls:SharedCa";

/** All of it is plain, but for a key: it decides what the certificates say. */
export interface SharedCaArgs {
    /** The mesh's name; the certificate's common name is `<meshName> mesh CA`, 64 characters at most. */
    readonly meshName: string;
    /** How long a CA lives that is made from now on. */
    readonly validityHours: number;
    /** Which CA of the mesh this is. @default 1 */
    readonly generation?: number;
    /** How far a rotation to the next CA has come: everyone trusts it too, or it also signs. @default - no rotation is under way */
    readonly next?: "trusted" | "signing";
    /** The CA. @default - one is made here */
    readonly brought?: BroughtCaArgs;
    /** The next one. @default - one is made here */
    readonly nextBrought?: BroughtCaArgs;
}

export interface BroughtCaArgs {
    /** Its certificate, then those above it, up to the one that everyone is to trust. */
    readonly certificate: string;
    /** Its key, secret. */
    readonly privateKeyPem: pulumi.Input<string>;
}

/** One CA, made here or brought. */
interface Authority {
    readonly certPem: pulumi.Output<string>;
    readonly privateKeyPem: pulumi.Output<string>;
    /** What everyone trusts: the CA itself, or one above it. */
    readonly trustPem: pulumi.Output<string>;
    /** What stands between it and what is trusted. */
    readonly chainPem: string;
    /** When it ends, as the certificate says. Not told of one that is brought, which was looked at before. */
    readonly end?: pulumi.Output<string>;
}

/**
 * The one CA of a mesh: a key and a self-signed certificate, both protected, or one that is brought. Every certificate of every
 * cluster verifies to it. Its key stays in the stack's state, and enters a cluster only by `ClusterCa`. During a rotation there
 * are two, and only the one that signs is protected.
 *
 * It refuses a name that does not fit into a certificate and a life that is not a whole number of hours; and, where a stack has
 * it already, a step of a rotation before the one before it holds in every cluster.
 */
export class SharedCa extends pulumi.ComponentResource {
    /** The certificate of the CA that signs. */
    readonly certPem: pulumi.Output<string>;
    /** Its key, secret. */
    readonly privateKeyPem: pulumi.Output<string>;
    /** The certificates that everyone trusts, one after the other. */
    readonly trustPem: pulumi.Output<string>;
    /** What is shown with each certificate that it signs, besides that. */
    readonly chainPem: string;
    /** When the CA that signs ends, where it is made here. */
    readonly end?: pulumi.Output<string>;

    readonly #settled: string;

    constructor(name: string, args: SharedCaArgs, opts?: pulumi.ComponentResourceOptions) {
        refuse(`SharedCa ${name}`, problemsOf(args));
        const shown = shownOf(args);
        super(
            TYPE,
            name,
            { ...shown },
            pulumi.mergeOptions(opts, refuseChanges(name, "the CA of the mesh", caChangeProblems)),
        );
        this.#settled = settledText(shown);

        const { generation = 1, next } = args;
        const { signer } = trustOf({
            caGeneration: generation,
            ...(next === undefined ? {} : { nextCa: next }),
        });
        const authority = (which: number, brought: BroughtCaArgs | undefined) =>
            brought === undefined ? this.#make(name, args, which, which === signer) : broughtOf(brought);
        const current = authority(generation, args.brought);
        const after = next === undefined ? undefined : authority(generation + 1, args.nextBrought);
        const signing = next === "signing" && after !== undefined ? after : current;

        this.certPem = signing.certPem;
        this.privateKeyPem = pulumi.secret(signing.privateKeyPem);
        this.chainPem = signing.chainPem;
        if (signing.end !== undefined) this.end = signing.end;
        this.trustPem =
            after === undefined
                ? current.trustPem
                : pulumi
                      .all([current.trustPem, after.trustPem])
                      .apply((pems) => pems.map(wholeLines).join(""));
    }

    /**
     * Writes down, when these are there, that every cluster trusts and is signed for as described here. The next step of a
     * rotation is refused without it. This or `stayUnsettled` is to be called once.
     */
    settleAfter(everywhere: readonly pulumi.Resource[]): void {
        const reached = pulumi.all(everywhere.map(({ urn }) => urn));
        this.registerOutputs({ certPem: this.certPem, settled: reached.apply(() => this.#settled) });
    }

    /** Where a cluster is not reached, the next step of a rotation is refused. */
    stayUnsettled(): void {
        this.registerOutputs({ certPem: this.certPem });
    }

    #make(name: string, args: SharedCaArgs, generation: number, signs: boolean): Authority {
        const base = generation === 1 ? name : `${name}-${generation}`;
        // What no longer signs must be able to go, and what does not sign yet may be given up.
        const opts = { parent: this, protect: signs };
        const key = new tls.PrivateKey(`${base}-key`, { algorithm: "ECDSA", ecdsaCurve: "P256" }, opts);
        const cert = new tls.SelfSignedCert(
            `${base}-cert`,
            {
                privateKeyPem: key.privateKeyPem,
                subject: {
                    commonName: commonNameOf(args),
                    // Who looks for a certificate's CA by its name must find the right one.
                    ...(generation === 1 ? {} : { organizationalUnit: `generation ${generation}` }),
                },
                isCaCertificate: true,
                allowedUses: ["cert_signing", "crl_signing", "digital_signature"],
                setSubjectKeyId: true,
                validityPeriodHours: args.validityHours,
                // A new CA is a rotation, with both trusted for a while; it must not come of itself on some day's `up`.
                earlyRenewalHours: 0,
            },
            // Another life is for the next CA: a certificate that exists has the one it was made with.
            { ...opts, ignoreChanges: ["validityPeriodHours"] },
        );
        return {
            certPem: cert.certPem,
            privateKeyPem: key.privateKeyPem,
            trustPem: cert.certPem,
            chainPem: "",
            end: cert.validityEndTime,
        };
    }
}

function broughtOf({ certificate, privateKeyPem }: BroughtCaArgs): Authority {
    const { signerPem, intermediatesPem, trustPem } = chainOf(certificate);
    return {
        certPem: pulumi.output(signerPem),
        privateKeyPem: pulumi.output(privateKeyPem),
        trustPem: pulumi.output(trustPem),
        chainPem: intermediatesPem,
    };
}

function shownOf(args: SharedCaArgs): ShownCa {
    const { meshName, validityHours, generation = 1, next, brought, nextBrought } = args;
    const trust = (ca: BroughtCaArgs) => chainOf(ca.certificate).trustFingerprint;
    return {
        meshName,
        validityHours,
        ...(generation === 1 ? {} : { generation }),
        ...(next === undefined ? {} : { next }),
        ...(brought === undefined ? {} : { trust: trust(brought) }),
        ...(nextBrought === undefined ? {} : { nextTrust: trust(nextBrought) }),
    };
}

function wholeLines(pem: string): string {
    return pem.endsWith("\n") ? pem : `${pem}\n`;
}

function commonNameOf({ meshName }: SharedCaArgs): string {
    return `${meshName} mesh CA`;
}

function problemsOf(args: SharedCaArgs): Problem[] {
    const unreadable = (path: "brought" | "nextBrought") =>
        args[path] === undefined || readChain(args[path].certificate) !== undefined
            ? []
            : [
                  {
                      path,
                      rule: "must hold the CA's certificate in PEM form",
                      fix: "pass it, and those above it",
                  },
              ];
    return [
        ...(args.meshName === ""
            ? [{ path: "meshName", rule: "must not be empty", fix: "name the mesh" }]
            : commonNameProblems("meshName", commonNameOf(args))),
        ...hoursProblems("validityHours", args.validityHours, 1),
        ...unreadable("brought"),
        ...unreadable("nextBrought"),
    ];
}
