import * as z from "zod";

import { CommandResource, commandShape, commandText } from "./command-resource.ts";
import { runHere } from "./run-here.ts";

const schema = z.strictObject(commandShape(commandText.regex(/^[^\0]*$/, "must be a text")));

/** command.local.Command: commands on the machine that runs the engine. They end with it. */
export class LocalCommand extends CommandResource<z.infer<typeof schema>> {
    constructor() {
        super({
            names: Object.keys(schema.shape),
            schema,
            fill: (inputs) => inputs,
            run: (_inputs, work, signal) => runHere(work, signal),
        });
    }
}
