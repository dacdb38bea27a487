/*
 * A stand-in for the official provider plugin of @pulumi/tls, for the lab only: the official one cannot be had from the
 * registries that the lab builds from. It has the resources that this program uses: PrivateKey, SelfSignedCert, CertRequest,
 * LocallySignedCert.
 *
 * Faithful to the official one (5.x): inputs, defaults, outputs and which of them are secret; what replaces and what updates;
 * renewal that is part of the plan; what certificates and requests hold and in which order.
 *
 * Left out, and refused: functions and the other resources; private keys that are written only (privateKeyPemWo); street and
 * email address of a subject; certificates for the curve P224; Microsoft's and Netscape's extended uses; import. A preview of an
 * update takes all outputs for unknown, where the official one knows that only earlyRenewalHours changes.
 */
import { StandInProvider } from "../provider.ts";
import { serve } from "../serve.ts";
import { tlsTypes } from "./types.ts";

await serve(new StandInProvider("tls", "5.6.1", tlsTypes()));
