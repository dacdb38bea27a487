import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

import { parse } from "yaml";
import { z } from "zod";

import { findCommand } from "./find-command.ts";

/** A value of a stack's configuration. */
export interface ConfigValue {
    readonly value: string;
    /** Whether the configuration keeps it encrypted. */
    readonly secret: boolean;
}

/** Why a configuration could not be read, and what to do. */
export class ConfigError extends Error {
    readonly fix: string;

    constructor(rule: string, fix: string, options?: ErrorOptions) {
        super(rule, options);
        this.fix = fix;
    }
}

const ROOT = new URL("..", import.meta.url);

/** A state that is far away, and a service that decrypts. */
const TIMEOUT_MS = 120_000;

const configSchema = z.record(z.string(), z.object({ value: z.string().optional(), secret: z.boolean() }));
const projectSchema = z.object({ name: z.string() });

/** The configuration of a stack as Pulumi decrypts it, by the keys that the program knows. Nothing of it is written anywhere. */
export async function stackConfig(
    stack: string,
    env: NodeJS.ProcessEnv,
): Promise<ReadonlyMap<string, ConfigValue>> {
    const pulumi = findCommand("pulumi", env["PATH"]);
    if (pulumi === undefined) {
        throw new ConfigError(
            "cannot be read: the pulumi command is not on the PATH",
            "install it, https://www.pulumi.com/docs/install/",
        );
    }
    const printed = await ask(pulumi, ["config", "--json", "--show-secrets", "--stack", stack], stack, env);
    const { name } = projectSchema.parse(parse(await readFile(new URL("Pulumi.yaml", ROOT), "utf8")));
    return new Map(
        Object.entries(configOf(printed)).flatMap(([key, { value, secret }]) =>
            key.startsWith(`${name}:`) && value !== undefined
                ? [[key.slice(name.length + 1), { value, secret }] as const]
                : [],
        ),
    );
}

async function ask(
    pulumi: string,
    args: readonly string[],
    stack: string,
    env: NodeJS.ProcessEnv,
): Promise<string> {
    try {
        const asking = promisify(execFile)(pulumi, args, {
            cwd: ROOT,
            env: { ...env, PULUMI_SKIP_UPDATE_CHECK: "true" },
            timeout: TIMEOUT_MS,
            maxBuffer: 64 * 1024 * 1024,
        });
        // It would wait for a passphrase on a terminal that shows no question.
        asking.child.stdin?.end();
        return (await asking).stdout;
    } catch (error) {
        throw errorOf(error, `pulumi ${args.join(" ")}`, stack);
    }
}

/** What Pulumi printed is the secrets: none of it is ever part of a message. */
function configOf(printed: string): z.infer<typeof configSchema> {
    try {
        return configSchema.parse(JSON.parse(printed));
    } catch {
        throw new ConfigError(
            "cannot be read: pulumi printed no configuration in the form that this program knows",
            "use the version of Pulumi that package.json names for its SDK",
        );
    }
}

/** What to do about what Pulumi says on its standard error; that of other failures is repeated. */
const FIXES: readonly (readonly [said: RegExp, fix: (stack: string) => string])[] = [
    [/PULUMI_ACCESS_TOKEN|not logged in|pulumi login/i, () => "run: pulumi login"],
    [/no stack named/, (stack) => `run: pulumi stack init ${stack}`],
    [
        /passphrase/,
        () =>
            "set PULUMI_CONFIG_PASSPHRASE, or PULUMI_CONFIG_PASSPHRASE_FILE, to the passphrase of the stack",
    ],
];

function errorOf(error: unknown, command: string, stack: string): ConfigError {
    const { stderr, killed } = failureSchema.parse(error);
    const said = stderr
        .split("\n")
        .map((line) => line.replace(/^error: /, "").trim())
        .filter((line) => line !== "")
        .join("; ");
    const reason = killed ? `it did not end within ${TIMEOUT_MS / 1000} s` : said || "it gave no reason";
    const [, fix] = FIXES.find(([pattern]) => pattern.test(said)) ?? [];
    return new ConfigError(`cannot be read: ${command}: ${reason}`, fix?.(stack) ?? "make this command work");
}

const failureSchema = z.object({ stderr: z.string().catch(""), killed: z.boolean().catch(false) });
