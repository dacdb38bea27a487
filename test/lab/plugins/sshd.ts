import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";

/** A real sshd on a port of the loopback, for tests of what talks to it. Whoever logs in is who runs the test. */
export class Sshd {
    readonly #folder: string;
    readonly #process: ChildProcess;
    readonly port: number;
    /** Whom it lets in, and with which key. */
    readonly user = userInfo().username;
    readonly privateKey: string;
    /** Its own key, as ssh-keyscan prints it. */
    readonly hostKey: string;

    static async start(): Promise<Sshd> {
        const sshd = new Sshd(await freePort());
        await sshd.#ready();
        return sshd;
    }

    private constructor(port: number) {
        this.port = port;
        this.#folder = mkdtempSync(join(tmpdir(), "sshd-"));
        this.privateKey = this.#makeKey("user");
        this.#makeKey("host");
        this.hostKey = `[127.0.0.1]:${port} ${readFileSync(join(this.#folder, "host.pub"), "utf8")}`;
        // Without it sshd does not start for root.
        if (userInfo().uid === 0) mkdirSync("/run/sshd", { recursive: true });
        const config = join(this.#folder, "config");
        writeFileSync(
            config,
            [
                `ListenAddress 127.0.0.1:${port}`,
                `HostKey ${join(this.#folder, "host")}`,
                `AuthorizedKeysFile ${join(this.#folder, "user.pub")}`,
                "AuthenticationMethods publickey",
                "PermitRootLogin yes",
                "StrictModes no",
                "UsePAM no",
                "PidFile none",
                "AcceptEnv PULUMI_COMMAND_*",
                "",
            ].join("\n"),
        );
        this.#process = spawn("/usr/sbin/sshd", ["-D", "-E", join(this.#folder, "log"), "-f", config], {
            stdio: "ignore",
        });
    }

    /** What it has logged. */
    log(): string {
        return readFileSync(join(this.#folder, "log"), "utf8");
    }

    stop(): void {
        this.#process.kill();
        rmSync(this.#folder, { recursive: true });
    }

    #makeKey(name: string): string {
        const file = join(this.#folder, name);
        execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", file]);
        return readFileSync(file, "utf8");
    }

    async #ready(): Promise<void> {
        for (let tries = 0; tries < 100; tries += 1) {
            try {
                if (this.log().includes("Server listening")) return;
            } catch {
                // It has not begun to write.
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
        throw new Error(`sshd did not start: ${this.log()}`);
    }
}

async function freePort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    await new Promise((resolve) => server.close(resolve));
    if (address === null || typeof address === "string") throw new Error("the loopback has no ports");
    return address.port;
}
