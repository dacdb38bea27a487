/*
 * A stand-in for the official provider plugin of @pulumi/command, for the lab only: the official one cannot be had from the
 * registries that the lab builds from. It has the two resources that this program uses: remote.Command, which calls the system's
 * ssh, and local.Command.
 *
 * Faithful to the official one (1.2.1): inputs, defaults and outputs; which changes update and which replace; what runs when;
 * nothing at a preview or a refresh; a failed creation leaves nothing in the state; errors name the command and carry its output;
 * dials are repeated, refused logins too; a host key is verified if there is one, and only that one; no terminal, so that a
 * process on a host outlives this one; a local command runs with the engine's environment and is killed when it is cancelled.
 *
 * Left out, and refused: the other resources; passwords; `environment`; any `logging` but "none"; remote commands of several
 * lines; a local command's `dir`, `interpreter`, assets and archives; import. Different: a server that accepts a connection and
 * stays mute counts as a failed dial; a connection that is lost shows after 45 seconds, not 146; dials to a proxy are counted
 * with those to the host behind it; customTimeouts end nothing; replaceOnChanges does nothing beyond what triggers do; the name
 * of a signal that ended a remote command is not known, and that of a local one is C's.
 */
import { StandInProvider } from "../provider.ts";
import { serve } from "../serve.ts";
import { LocalCommand } from "./local-command.ts";
import { RemoteCommand } from "./remote-command.ts";

await serve(
    new StandInProvider("command", "1.2.1", {
        "command:local:Command": new LocalCommand(),
        "command:remote:Command": new RemoteCommand(),
    }),
);
