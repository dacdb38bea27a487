import type ts from "typescript";
import { z } from "zod";

import type { Types } from "./documentation.ts";
import { isObject, required, typeName, type ObjectSchema, type Schema } from "./type-name.ts";

/** One key that a description can have. */
export interface Option {
    /** From the top, with `<name>` for what a user names and `[]` for a list: `clusters.<name>.servers.<name>.address`. */
    readonly path: string;
    readonly type: string;
    readonly required: boolean;
    readonly default?: string;
    readonly meaning: string;
}

/** The keys of one object, or of one form of an object that has several. */
export interface Section {
    /** The object's own path; empty at the top. */
    readonly path: string;
    /** What tells this form from the others, as `mode: "bgp"`. */
    readonly form?: string;
    /** What the object is. */
    readonly meaning: string;
    readonly options: readonly Option[];
}

/** Every object in a schema with its keys, outer before inner, in the order they are written. */
export function sectionsOf(schema: Schema, types: Types): Section[] {
    const sections = new Map<string, Section>();
    // Two forms of one object may share a key whose value is an object: it is told once.
    for (const section of below(schema, types.root, "", types)) {
        sections.set(JSON.stringify([section.path, section.form, section.options]), section);
    }
    return [...sections.values()];
}

function below(optional: Schema, type: ts.Type, path: string, types: Types): Section[] {
    const schema = required(optional);
    if (!holdsObject(schema)) return [];
    if (schema instanceof z.ZodRecord)
        return below(schema.valueType, types.element(type), `${path}.<name>`, types);
    if (schema instanceof z.ZodArray) return below(schema.element, types.element(type), `${path}[]`, types);
    const members = schema instanceof z.ZodUnion ? schema.options.map(required) : [schema];
    const forms = members.filter(isObject);
    const described = forms.map((form) => describe(form, types.member(type, form), path, types));
    return [
        ...described.map(({ section }, index) => {
            const form = forms[index];
            return forms.length < 2 || form === undefined
                ? section
                : { ...section, form: formOf(form, forms) };
        }),
        ...described.flatMap(({ inner }) => inner()),
    ];
}

function describe(schema: ObjectSchema, type: ts.Type, path: string, types: Types) {
    const keys = Object.entries(schema.shape).map(([key, value]) => ({
        value,
        at: path === "" ? key : `${path}.${key}`,
        ...types.property(type, key),
    }));
    const options = keys.map(({ value, at, documentation: { meaning, ...rest } }) => ({
        ...rest,
        path: at,
        type: typeName(value),
        required: !(value instanceof z.ZodOptional),
        meaning: meaning === "" && isDiscriminator(value) ? "Chooses this form." : meaning,
    }));
    return {
        section: { path, meaning: types.schemas.get(schema) ?? "", options },
        inner: () => keys.flatMap(({ value, at, type: inner }) => below(value, inner, at, types)),
    };
}

/** A key that can only be one thing tells the forms of an object apart, and says nothing else. */
function isDiscriminator(schema: Schema): boolean {
    return schema instanceof z.ZodLiteral && schema.values.size === 1;
}

function formOf(member: ObjectSchema, members: readonly ObjectSchema[]): string {
    const [discriminator] = Object.entries(member.shape).filter(([, value]) => isDiscriminator(value));
    if (discriminator !== undefined) {
        const [key, value] = discriminator;
        return `\`${key}: ${typeName(value).replaceAll("`", "")}\``;
    }
    const others = new Set(
        members.filter((other) => other !== member).flatMap(({ shape }) => Object.keys(shape)),
    );
    const own = Object.keys(member.shape).filter((key) => !others.has(key));
    return `with ${own.map((key) => `\`${key}\``).join(", ")}`;
}

function holdsObject(optional: Schema): boolean {
    const schema = required(optional);
    if (schema instanceof z.ZodRecord) return holdsObject(schema.valueType);
    if (schema instanceof z.ZodArray) return holdsObject(schema.element);
    if (schema instanceof z.ZodUnion) return schema.options.some(holdsObject);
    return isObject(schema);
}
