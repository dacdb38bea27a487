/** The configuration of a host's SSH server. `version` is what `ssh -V` prints. */
export function sshdConfig(version: string): string {
    const lines = [
        "# Written by the lab.",
        "Port 22",
        "AddressFamily inet",
        "HostKey /etc/ssh/ssh_host_ecdsa_key",
        "PidFile /run/sshd.pid",
        "UsePAM no",
        "AuthenticationMethods publickey",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "AuthorizedKeysFile /etc/ssh/authorized_keys/%u",
        "PermitUserRC no",
        "PrintMotd no",
        "UseDNS no",
        // A stack connects to a host many times at once.
        "MaxStartups 200",
        "MaxSessions 200",
        "Subsystem sftp internal-sftp",
    ];
    // Tests are refused on purpose, again and again, and must not be locked out for it.
    if (penalises(version)) lines.push("PerSourcePenalties no");
    return `${lines.join("\n")}\n`;
}

/** From 9.8 on, sshd turns away those who were refused. */
function penalises(version: string): boolean {
    const [, major = "0", minor = "0"] = /OpenSSH_(\d+)\.(\d+)/.exec(version) ?? [];
    return Number(major) > 9 || (Number(major) === 9 && Number(minor) >= 8);
}
