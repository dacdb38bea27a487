import type { SshArgs, SshAuthArgs, SshTargetArgs } from "../components/host/ssh-args.ts";
import type { Ssh, SshAuth, SshTarget } from "../model/resolved.ts";
import type { SecretSource } from "./secrets.ts";

/** A host as it was described, with its secrets in place of their names. */
export function sshArgs({ jumpHost, ...target }: Ssh, secrets: SecretSource): SshArgs {
    return {
        ...targetArgs(target, secrets),
        ...(jumpHost === undefined ? {} : { jumpHost: targetArgs(jumpHost, secrets) }),
    };
}

function targetArgs({ auth, ...target }: SshTarget, secrets: SecretSource): SshTargetArgs {
    return { ...target, auth: authArgs(auth, secrets) };
}

function authArgs(auth: SshAuth, secrets: SecretSource): SshAuthArgs {
    if ("agent" in auth) return auth;
    return {
        privateKey:
            "privateKey" in auth
                ? secrets.get(auth.privateKey.fromConfig)
                : secrets.keyFile(auth.privateKeyFile),
        ...(auth.passphrase === undefined ? {} : { passphrase: secrets.get(auth.passphrase.fromConfig) }),
    };
}
