import { z } from "zod";

import { hostKey } from "../../model/description/ssh.ts";
import {
    address,
    asn,
    cidr,
    cidrs,
    dnsLabel,
    dnsName,
    host,
    labels,
    port,
    range,
} from "../../model/description/scalars.ts";
import { secretRef } from "../../model/description/secret.ts";

export type Schema = z.core.$ZodType;

/** What scalars are called; the schema itself only knows that they are text or numbers. */
const NAMES: ReadonlyMap<Schema, string> = new Map<Schema, string>([
    [address, "IP address"],
    [asn, "AS number"],
    [cidr, "CIDR"],
    [cidrs, "CIDR, or a list of one IPv4 and one IPv6 CIDR"],
    [dnsLabel, "DNS label"],
    [dnsName, "DNS name"],
    [host, "IP address or DNS name"],
    [hostKey, "SSH public key"],
    [labels, "map from label key to label value"],
    [port, "port"],
    [range, "address range"],
    [secretRef, 'secret: `fromConfig("key")`'],
]);

/** An object whose keys are schemas; `instanceof` alone leaves them untyped. */
export type ObjectSchema = z.ZodObject<Record<string, Schema>>;

export function isObject(schema: Schema): schema is ObjectSchema {
    return schema instanceof z.ZodObject;
}

/** A schema without what makes it optional. */
export function required(schema: Schema): Schema {
    return schema instanceof z.ZodOptional ? required(schema.unwrap()) : schema;
}

/** What may stand at an option, in words; an object's own keys are told elsewhere. */
export function typeName(optional: Schema): string {
    const schema = required(optional);
    const name = NAMES.get(schema);
    if (name !== undefined) return name;
    if (schema instanceof z.ZodLiteral) return [...schema.values].map(literal).join(" or ");
    if (schema instanceof z.ZodEnum)
        return schema.options
            .map(literal)
            .join(", ")
            .replace(/, ([^,]*)$/, " or $1");
    if (schema instanceof z.ZodBoolean) return "`true` or `false`";
    if (schema instanceof z.ZodNumber) return numberName(schema);
    if (schema instanceof z.ZodURL) return "URL";
    if (schema instanceof z.ZodString) return "text";
    if (schema instanceof z.ZodLazy) return "any JSON";
    if (schema instanceof z.ZodArray) return `list of: ${typeName(schema.element)}`;
    if (schema instanceof z.ZodRecord)
        return `map from ${keyName(schema.keyType)} to: ${typeName(schema.valueType)}`;
    if (schema instanceof z.ZodUnion) return unionName(schema.options);
    if (isObject(schema)) return "object";
    throw new Error(`docs/generator/type-name.ts has no words for a schema of type ${schema._zod.def.type}`);
}

function literal(value: unknown): string {
    return `\`${JSON.stringify(value)}\``;
}

function numberName({ minValue, maxValue }: z.ZodNumber): string {
    const known = (bound: number | null): bound is number =>
        bound !== null && Number.isFinite(bound) && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
    if (known(minValue) && known(maxValue)) return `integer, ${minValue} to ${maxValue}`;
    if (known(minValue)) return `integer, at least ${minValue}`;
    return known(maxValue) ? `integer, at most ${maxValue}` : "integer";
}

function keyName(schema: Schema): string {
    return NAMES.get(schema) ?? "name";
}

function unionName(members: readonly Schema[]): string {
    const objects = members.filter(isObject).length;
    const others = members.filter((member) => !isObject(member)).map(typeName);
    return [
        ...others,
        ...(objects === 0 ? [] : [objects === 1 ? "object" : `object, one of ${objects} forms`]),
    ].join(", or ");
}
