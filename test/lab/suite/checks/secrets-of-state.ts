import { z } from "zod";

import { secretWords } from "./secret-words.ts";

/** Something that must not be seen. `name` says what it is, and may be shown. */
export interface KnownSecret {
    readonly name: string;
    /** Texts that give it away, wherever they stand. */
    readonly words: readonly string[];
}

/** What marks a secret in an exported state: https://github.com/pulumi/pulumi/blob/master/sdk/go/common/resource/sig/sig.go */
const SIGNATURE_KEY = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

const exported = z.object({
    deployment: z.object({
        resources: z.array(
            z.object({
                urn: z.string(),
                type: z.string(),
                inputs: z.json().optional(),
                outputs: z.json().optional(),
            }),
        ),
    }),
});
const marked = z.looseObject({ [SIGNATURE_KEY]: z.literal(SECRET), plaintext: z.string() });
const record = z.record(z.string(), z.json());

type Json = z.infer<ReturnType<typeof z.json>>;

/** What of a connection is no secret. The provider's SDK marks all of it as one. */
const PUBLIC: ReadonlySet<string> = new Set(["host", "hostKey", "user"]);
/** What is a secret whatever it looks like, as people choose it. */
const CHOSEN = /^(?:.*password|token|secret)$/i;

/** A value of the state, and what is known of it. */
interface Place {
    /** The resource and the path of properties. */
    readonly name: string;
    /** Whether it is marked as a secret. */
    readonly secret: boolean;
    /** Whether it is a secret even if it looks like a word. */
    readonly chosen: boolean;
    /** Whether it lies in a Secret of Kubernetes. */
    readonly kubernetes: boolean;
}

/** Every secret of a stack, from its state as `export` writes it. A kind of secret that is new tomorrow is among them. */
export function secretsOfState(text: string): KnownSecret[] {
    const { resources } = exported.parse(JSON.parse(text)).deployment;
    const found = resources.flatMap(({ urn, type, inputs, outputs }) => {
        const name = urn.slice(urn.lastIndexOf("::") + 2);
        const kubernetes = type === "kubernetes:core/v1:Secret";
        return [inputs, outputs].flatMap((part) =>
            part === undefined ? [] : secretsIn({ name, secret: false, chosen: false, kubernetes }, part),
        );
    });
    // The same key stands in many places; it is named after the first, where it was made.
    const names = new Map<string, string>();
    for (const { name, words } of found) {
        for (const word of words) names.set(word, names.get(word) ?? name);
    }
    return [...Map.groupBy(names, ([, name]) => name)].map(([name, words]) => ({
        name,
        words: words.map(([word]) => word),
    }));
}

function secretsIn(place: Place, value: Json): KnownSecret[] {
    const { name, secret, chosen } = place;
    if (typeof value === "string") {
        const words = secret ? secretWords(value, { chosen }) : [];
        return words.length === 0 ? [] : [{ name, words }];
    }
    if (Array.isArray(value)) {
        return value.flatMap((item, index) => secretsIn({ ...place, name: `${name}[${index}]` }, item));
    }
    const sealed = marked.safeParse(value);
    if (sealed.success) {
        return secretsIn({ ...place, secret: true }, z.json().parse(JSON.parse(sealed.data.plaintext)));
    }
    const members = record.safeParse(value);
    return members.success ? Object.entries(members.data).flatMap((member) => inMember(place, member)) : [];
}

function inMember(place: Place, [key, value]: [string, Json]): KnownSecret[] {
    if (PUBLIC.has(key)) return [];
    const isData = place.kubernetes && (key === "data" || key === "stringData");
    const chosen = place.chosen || isData || CHOSEN.test(key);
    return secretsIn({ ...place, name: `${place.name}.${key}`, chosen }, value);
}
