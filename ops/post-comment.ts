/*
 * `node ops/post-comment.ts FILE`: puts a comment on a pull request, or its new text into the one that is already there.
 * From the environment, as GitHub Actions gives it: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, and PULL_REQUEST.
 */
import { readFileSync } from "node:fs";

import { MARKER } from "./plan-comment.ts";

const PER_PAGE = 100;

export interface PullRequest {
    readonly api: string;
    readonly repository: string;
    readonly number: string;
    readonly token: string;
}

/** Posts or updates; tells which. Only a comment of a bot is ever changed: a person may have quoted ours. */
export async function postComment(pull: PullRequest, body: string): Promise<"posted" | "updated"> {
    const id = await findComment(pull);
    const comments = `${pull.api}/repos/${pull.repository}/issues`;
    if (id === undefined) {
        await request(pull, "POST", `${comments}/${pull.number}/comments`, { body });
        return "posted";
    }
    await request(pull, "PATCH", `${comments}/comments/${id}`, { body });
    return "updated";
}

async function findComment(pull: PullRequest): Promise<number | undefined> {
    const comments = `${pull.api}/repos/${pull.repository}/issues/${pull.number}/comments`;
    for (let page = 1; ; page++) {
        const found = await request(pull, "GET", `${comments}?per_page=${PER_PAGE}&page=${page}`);
        if (!Array.isArray(found)) return undefined;
        for (const comment of found) {
            const id: unknown = read(comment, "id");
            const body: unknown = read(comment, "body");
            const author: unknown = read(read(comment, "user"), "type");
            if (
                typeof id === "number" &&
                typeof body === "string" &&
                body.startsWith(MARKER) &&
                author === "Bot"
            ) {
                return id;
            }
        }
        if (found.length < PER_PAGE) return undefined;
    }
}

async function request({ token }: PullRequest, method: string, url: string, body?: object): Promise<unknown> {
    const response = await fetch(url, {
        method,
        headers: {
            accept: "application/vnd.github+json",
            authorization: `Bearer ${token}`,
            "x-github-api-version": "2022-11-28",
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) {
        throw new Error(
            `${method} ${url}: ${response.status} ${response.statusText}\n${await response.text()}`,
        );
    }
    return response.json();
}

function read(value: unknown, key: string): unknown {
    return typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined;
}

function needed(name: string): string {
    const value = process.env[name];
    if (value === undefined || value === "") throw new Error(`${name} is not set`);
    return value;
}

if (import.meta.main) {
    const [file] = process.argv.slice(2);
    if (file === undefined) throw new Error("usage: node ops/post-comment.ts FILE");
    const pull = {
        api: needed("GITHUB_API_URL"),
        repository: needed("GITHUB_REPOSITORY"),
        number: needed("PULL_REQUEST"),
        token: needed("GITHUB_TOKEN"),
    };
    console.log(await postComment(pull, readFileSync(file, "utf8")));
}
