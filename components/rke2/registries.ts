import { stringify } from "yaml";

import type { Registries } from "../../model/resolved.ts";

type Configs = NonNullable<Registries["configs"]>;
type Auth = NonNullable<Configs[string]["auth"]>;
type Tls = NonNullable<Configs[string]["tls"]>;

/**
 * The text of registries.yaml, nothing where nothing is described. It is as secret as the secrets in it, which are given by
 * their keys in the stack's configuration.
 * @see https://docs.rke2.io/install/private_registry
 */
export function registriesYaml(
    { mirrors = {}, configs = {} }: Registries,
    secrets: Readonly<Record<string, string>>,
): string {
    const file = {
        ...section("mirrors", mirrors, ({ endpoint, rewrite }) => ({
            // Their order is that in which they are asked.
            ...(endpoint === undefined ? {} : { endpoint }),
            ...(rewrite === undefined ? {} : { rewrite }),
        })),
        ...section("configs", configs, ({ auth, tls }) => ({
            ...(auth === undefined ? {} : { auth: authOf(auth, secrets) }),
            ...(tls === undefined ? {} : { tls: tlsOf(tls) }),
        })),
    };
    if (Object.keys(file).length === 0) return "";
    // Keys are names of registries and regular expressions, values may look like numbers: no parser is to guess.
    return stringify(file, {
        sortMapEntries: true,
        lineWidth: 0,
        defaultStringType: "QUOTE_DOUBLE",
        defaultKeyType: "QUOTE_DOUBLE",
    });
}

function section<Item>(name: string, items: Readonly<Record<string, Item>>, write: (item: Item) => object) {
    const written = Object.entries(items).map(([registry, item]) => [registry, write(item)] as const);
    return written.length === 0 ? {} : { [name]: Object.fromEntries(written) };
}

/** RKE2's own page writes `token`; what it reads is `identity_token`, and it skips keys that it does not know. */
function authOf({ username, password, token }: Auth, secrets: Readonly<Record<string, string>>) {
    return {
        ...(username === undefined ? {} : { username }),
        ...(password === undefined ? {} : { password: secretOf(password.fromConfig, secrets) }),
        ...(token === undefined ? {} : { identity_token: secretOf(token.fromConfig, secrets) }),
    };
}

function tlsOf({ caFile, certFile, keyFile, insecureSkipVerify }: Tls) {
    return {
        ...(caFile === undefined ? {} : { ca_file: caFile }),
        ...(certFile === undefined ? {} : { cert_file: certFile }),
        ...(keyFile === undefined ? {} : { key_file: keyFile }),
        ...(insecureSkipVerify === undefined ? {} : { insecure_skip_verify: insecureSkipVerify }),
    };
}

function secretOf(key: string, secrets: Readonly<Record<string, string>>): string {
    const secret = secrets[key];
    if (secret === undefined) {
        throw new Error(
            `registries names the secret ${key}, which was not given: run pulumi config set --secret ${key}`,
        );
    }
    return secret;
}
