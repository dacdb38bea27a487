import * as z from "zod";

import type { SshEndpoint, SshTarget } from "../../../../ops/ssh/target.ts";
import { hasSecret, reveal, secret } from "../property.ts";
import { parseHostKey } from "./host-key.ts";

const ENDPOINT_DEFAULTS = { port: 22, user: "root", dialErrorLimit: 10, perDialTimeout: 15 } as const;

/** One SSH server and the way in, as an input. They end up in a configuration of ssh, hence the narrow characters. */
const endpointSchema = z.strictObject({
    host: z.string().regex(/^[A-Za-z0-9._:-]+$/, "must be a name or an address"),
    port: z.int().min(1).max(65535).default(ENDPOINT_DEFAULTS.port),
    user: z
        .string()
        .regex(/^[A-Za-z0-9._@-]+$/, "must be a user's name of letters, digits and . _ @ -")
        .default(ENDPOINT_DEFAULTS.user),
    privateKey: z.string().optional(),
    privateKeyPassword: z.string().optional(),
    agentSocketPath: z.string().optional(),
    hostKey: z.string().optional(),
    dialErrorLimit: z.int().min(-1).default(ENDPOINT_DEFAULTS.dialErrorLimit),
    perDialTimeout: z.int().min(0).default(ENDPOINT_DEFAULTS.perDialTimeout),
});

/** A host over SSH, through another one where there is a proxy. */
export const connectionSchema = endpointSchema.extend({ proxy: endpointSchema.optional() });

type Endpoint = z.infer<typeof endpointSchema>;
export type Connection = z.infer<typeof connectionSchema>;

/** A connection as ssh needs it. The agent of this process is asked where none is named. */
export function sshTarget({ proxy, ...target }: Connection): SshTarget {
    return { ...sshEndpoint(target), ...(proxy === undefined ? {} : { jumpHost: sshEndpoint(proxy) }) };
}

function sshEndpoint(endpoint: Endpoint): SshEndpoint {
    const { host, port, user, privateKey, privateKeyPassword, hostKey, perDialTimeout } = endpoint;
    const agentSocket = endpoint.agentSocketPath ?? process.env["SSH_AUTH_SOCK"];
    return {
        host,
        port,
        user,
        ...(privateKey === undefined ? {} : { privateKey }),
        ...(privateKeyPassword === undefined ? {} : { passphrase: privateKeyPassword }),
        ...(agentSocket === undefined || agentSocket === "" ? {} : { agentSocket }),
        ...(hostKey === undefined ? {} : { hostKey: parseHostKey(hostKey) }),
        connectSeconds: perDialTimeout,
    };
}

/** A connection as it is recorded: secret as a whole, with the defaults written out. */
export function recordedConnection(connection: unknown): unknown {
    const plain = reveal(connection);
    const filled = isEndpoint(plain)
        ? {
              ...ENDPOINT_DEFAULTS,
              ...plain,
              ...(isEndpoint(plain.proxy) ? { proxy: { ...ENDPOINT_DEFAULTS, ...plain.proxy } } : {}),
          }
        : plain;
    return hasSecret(connection) ? secret(filled) : filled;
}

function isEndpoint(value: unknown): value is { readonly proxy?: unknown } {
    return typeof value === "object" && value !== null;
}
