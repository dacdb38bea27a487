import { createServer, type Server } from "node:http";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { MARKER } from "../../ops/plan-comment.ts";
import { postComment, type PullRequest } from "../../ops/post-comment.ts";

interface Comment {
    readonly id: number;
    readonly body: string;
    readonly user: { readonly type: string };
}

interface Sent {
    readonly method: string | undefined;
    readonly url: string | undefined;
    readonly token: string | undefined;
    readonly body: string;
}

const bot = (id: number, body: string): Comment => ({ id, body, user: { type: "Bot" } });

let comments: Comment[] = [];
let status = 200;
let sent: Sent[] = [];
let server: Server;
let pull: PullRequest;

beforeEach(async () => {
    [comments, sent, status] = [[], [], 200];
    server = createServer((request, response) => {
        let body = "";
        request.on("data", (chunk: Buffer) => (body += chunk.toString()));
        request.on("end", () => {
            const { method, url, headers } = request;
            sent.push({ method, url, token: headers.authorization, body });
            const page = Number(/&page=(\d+)/.exec(url ?? "")?.[1] ?? 1);
            response.writeHead(status, { "content-type": "application/json" });
            response.end(
                JSON.stringify(method === "GET" ? comments.slice((page - 1) * 100, page * 100) : {}),
            );
        });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    pull = { api: `http://127.0.0.1:${port ?? 0}`, repository: "org/mesh", number: "7", token: "t0ken" };
});

afterEach(async () => {
    await new Promise((resolve) => server.close(resolve));
});

describe("a comment on a pull request", () => {
    it("is posted where there is none", async () => {
        comments = [bot(1, "another bot's")];
        expect(await postComment(pull, `${MARKER}\nnew`)).toBe("posted");
        expect(sent.map(({ method, url }) => `${method ?? ""} ${url ?? ""}`)).toEqual([
            "GET /repos/org/mesh/issues/7/comments?per_page=100&page=1",
            "POST /repos/org/mesh/issues/7/comments",
        ]);
        expect(sent[1]?.body).toBe(JSON.stringify({ body: `${MARKER}\nnew` }));
        expect(sent.every(({ token }) => token === "Bearer t0ken")).toBe(true);
    });

    it("is updated where it is there, also on a later page", async () => {
        comments = [...Array.from({ length: 150 }, (_, id) => bot(id, "other")), bot(900, `${MARKER}\nold`)];
        expect(await postComment(pull, `${MARKER}\nnew`)).toBe("updated");
        expect(sent.at(-1)).toMatchObject({ method: "PATCH", url: "/repos/org/mesh/issues/comments/900" });
    });

    it("never changes what a person wrote, nor what only quotes it", async () => {
        comments = [{ id: 1, body: `${MARKER}\nmine`, user: { type: "User" } }, bot(2, `> ${MARKER}`)];
        expect(await postComment(pull, MARKER)).toBe("posted");
    });

    it("fails with what was asked and answered where it is refused", async () => {
        status = 403;
        await expect(postComment(pull, MARKER)).rejects.toThrow(
            /^GET http:.*\/repos\/org\/mesh\/issues\/7\/comments\?per_page=100&page=1: 403 Forbidden/,
        );
    });
});
