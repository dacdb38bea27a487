/*
 * The web server of a lab: it stands in for the sites that a stack downloads from. It serves `<folder>/www/<host>/`, reads only,
 * and logs each request on standard error. `node main.ts FOLDER ADDRESS`
 */
import { createReadStream, readFileSync, statSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";

import { addAskedRelease } from "../rke2/site.ts";
import { siteFile } from "./site-file.ts";

const [folder, address] = process.argv.slice(2);
if (folder === undefined || address === undefined) throw new Error("usage: node main.ts FOLDER ADDRESS");
const www = join(folder, "www");

const server = createServer(
    {
        cert: readFileSync(join(folder, "web/certificate.pem")),
        key: readFileSync(join(folder, "web/key.pem")),
    },
    (request, response) => {
        answer(request, response).catch((error: unknown) => {
            // The client has gone, or the file: nobody is left to tell.
            console.error(`${describe(request)}: ${String(error)}`);
            response.destroy();
        });
    },
);
server.listen(443, address, () => {
    // Whoever started this waits for a line.
    console.log("listening");
});

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = "", headers, url = "" } = request;
    if (method !== "GET" && method !== "HEAD") {
        refuse(request, response, 405);
        return;
    }
    addAskedRelease(www, headers.host ?? "", url);
    const file = siteFile(www, headers.host ?? "", url);
    if (file === undefined) {
        refuse(request, response, 404);
        return;
    }
    const { size } = statSync(file);
    console.error(`${describe(request)} 200 ${size}`);
    response.writeHead(200, { "content-type": "application/octet-stream", "content-length": size });
    if (method === "HEAD") response.end();
    else await pipeline(createReadStream(file), response);
}

function refuse(request: IncomingMessage, response: ServerResponse, status: number): void {
    console.error(`${describe(request)} ${status}`);
    const text =
        status === 405 ? "this server is for reading\n" : "there is no such file in the lab's www folder\n";
    response.writeHead(status, { "content-type": "text/plain" }).end(text);
}

function describe({ socket, method = "", headers, url = "" }: IncomingMessage): string {
    return `${new Date().toISOString()} ${socket.remoteAddress ?? "-"} ${method} ${JSON.stringify(`${headers.host ?? ""}${url}`)}`;
}
