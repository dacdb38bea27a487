import * as z from "zod";

import { CommandResource, commandShape, commandText } from "./command-resource.ts";
import { connectionSchema, recordedConnection } from "./connection.ts";
import { runRemotely } from "./run-remotely.ts";

const commandLine = commandText.regex(
    /^[^\n\0]*$/,
    "must be one line: the lab's stand-in hands it to ssh in a file of lines; put a script into stdin",
);

const schema = z.strictObject({ connection: connectionSchema, ...commandShape(commandLine) });

/** command.remote.Command: commands on a host over SSH. What ends the engine ends the dialing only. */
export class RemoteCommand extends CommandResource<z.infer<typeof schema>> {
    constructor() {
        super({
            names: Object.keys(schema.shape),
            schema,
            fill: (inputs) => ({ ...inputs, connection: recordedConnection(inputs["connection"]) }),
            run: ({ connection }, work, signal) => runRemotely(connection, work, signal),
        });
    }
}
