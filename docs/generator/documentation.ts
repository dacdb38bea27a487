import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { z } from "zod";

import type { ObjectSchema } from "./type-name.ts";

const DESCRIPTION = new URL("../../model/description/", import.meta.url);

/** What the JSDoc of one option says. */
export interface Documentation {
    readonly meaning: string;
    /** The text behind `@default`, if there is one. */
    readonly default?: string;
}

/** The types of a description as the compiler sees them: the JSDoc of the schemas' keys survives on them. */
export interface Types {
    /** The type of a whole description. */
    readonly root: ts.Type;
    /** What the JSDoc of exported schemas says, by schema. */
    readonly schemas: ReadonlyMap<unknown, string>;
    /** The type of a key, without `undefined`, and its documentation. */
    property(type: ts.Type, key: string): { type: ts.Type; documentation: Documentation };
    /** The type of the values of a list or a map. */
    element(type: ts.Type): ts.Type;
    /** The member of a union that an object schema stands for. */
    member(type: ts.Type, schema: ObjectSchema): ts.Type;
}

/** Compiles the schemas' files and hands out what they say. */
export async function readTypes(): Promise<Types> {
    const files = readdirSync(DESCRIPTION)
        .filter((file) => file.endsWith(".ts"))
        .sort();
    const program = ts.createProgram(
        files.map((file) => fileURLToPath(new URL(file, DESCRIPTION))),
        {
            strict: true,
            target: ts.ScriptTarget.ES2023,
            module: ts.ModuleKind.NodeNext,
            moduleResolution: ts.ModuleResolutionKind.NodeNext,
            allowImportingTsExtensions: true,
            noEmit: true,
            skipLibCheck: true,
            // What a browser has is no part of a description, and as much to read as all the rest.
            lib: ["lib.es2023.d.ts"],
            types: [],
        },
    );
    const checker = program.getTypeChecker();
    const schemas = new Map<unknown, string>();
    for (const file of files) {
        const exports: unknown = await import(new URL(file, DESCRIPTION).href);
        for (const symbol of exportsOf(program, checker, file)) {
            const value: unknown =
                typeof exports === "object" && exports !== null
                    ? Reflect.get(exports, symbol.name)
                    : undefined;
            const text = documentationOf(checker, symbol).meaning;
            if (value instanceof z.core.$ZodType && text !== "") schemas.set(value, text);
        }
    }
    return { root: rootType(program, checker), schemas, ...walker(checker) };
}

function exportsOf(program: ts.Program, checker: ts.TypeChecker, file: string): ts.Symbol[] {
    const source = program.getSourceFile(fileURLToPath(new URL(file, DESCRIPTION)));
    const symbol = source === undefined ? undefined : checker.getSymbolAtLocation(source);
    return symbol === undefined ? [] : checker.getExportsOfModule(symbol);
}

function rootType(program: ts.Program, checker: ts.TypeChecker): ts.Type {
    const symbol = exportsOf(program, checker, "mesh.ts").find(({ name }) => name === "MeshDescription");
    if (symbol === undefined) throw new Error("model/description/mesh.ts exports no type MeshDescription");
    return checker.getDeclaredTypeOfSymbol(symbol);
}

function walker(checker: ts.TypeChecker): Pick<Types, "property" | "element" | "member"> {
    const propertyOf = (type: ts.Type, key: string) => {
        const symbol = checker.getPropertyOfType(type, key);
        if (symbol === undefined) throw new Error(`${checker.typeToString(type)} has no key ${key}`);
        return symbol;
    };
    const literalOf = (type: ts.Type, key: string) =>
        checker.typeToString(checker.getTypeOfSymbol(propertyOf(type, key)));
    return {
        property(type, key) {
            const symbol = propertyOf(type, key);
            return {
                type: checker.getNonNullableType(checker.getTypeOfSymbol(symbol)),
                documentation: documentationOf(checker, symbol),
            };
        },
        element(type) {
            const candidates = type.isUnion() ? type.types : [type];
            const [element] = candidates.flatMap((candidate) => [
                ...list(checker.getIndexTypeOfType(candidate, ts.IndexKind.Number)),
                ...list(checker.getIndexTypeOfType(candidate, ts.IndexKind.String)),
            ]);
            if (element === undefined) throw new Error(`${checker.typeToString(type)} has no elements`);
            return element;
        },
        member(type, schema) {
            const keys = Object.keys(schema.shape).sort().join();
            const literals = Object.entries(schema.shape).flatMap(([key, value]) =>
                value instanceof z.ZodLiteral ? [{ key, text: JSON.stringify(value.value) }] : [],
            );
            const found = (type.isUnion() ? type.types : [type]).find(
                (candidate) =>
                    checker
                        .getPropertiesOfType(candidate)
                        .map(({ name }) => name)
                        .sort()
                        .join() === keys &&
                    literals.every(({ key, text }) => literalOf(candidate, key) === text),
            );
            if (found === undefined)
                throw new Error(`${checker.typeToString(type)} has no member with ${keys}`);
            return found;
        },
    };
}

function documentationOf(checker: ts.TypeChecker, symbol: ts.Symbol): Documentation {
    const tag = symbol.getJsDocTags(checker).find(({ name }) => name === "default");
    return {
        meaning: oneLine(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
        ...(tag === undefined ? {} : { default: oneLine(ts.displayPartsToString(tag.text)) }),
    };
}

function oneLine(text: string): string {
    return text.replaceAll(/\s+/g, " ").trim();
}

function list<Value>(value: Value | undefined): Value[] {
    return value === undefined ? [] : [value];
}
