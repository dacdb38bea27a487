import type { Option, Section } from "./sections.ts";

const HEAD = `# Every option of a description

<!-- Written by \`npm run docs\` from the schemas in model/description. Change those, not this file. -->

What stands in a description given to \`defineMesh\`, from \`model/describe.ts\`. \`<name>\` is a name you choose, \`[]\` an element of a list. A key that is not listed here is refused. Optional keys can be left out; what happens then is the default.`;

/** All sections as one page. An object with several forms has one heading for itself and one for each form. */
export function toMarkdown(sections: readonly Section[]): string {
    const parts = sections.flatMap((section, index) => {
        const isFurtherForm = section.form !== undefined && sections[index - 1]?.path === section.path;
        return [...(isFurtherForm ? [] : [`## ${heading(section.path)}`]), ...body(section)];
    });
    return `${[HEAD, ...parts].join("\n\n")}\n`;
}

function heading(path: string): string {
    return path === "" ? "The description" : `\`${path}\``;
}

function body({ form, meaning, options }: Section): string[] {
    return [
        ...(form === undefined ? [] : [`### ${form}`]),
        ...(meaning === "" ? [] : [meaning]),
        options.map(line).join("\n"),
    ];
}

function line({ path, type, meaning, ...option }: Option): string {
    const absent = option.default === undefined ? "optional" : `default: ${defaultText(option.default)}`;
    return `- \`${path}\` (${type}; ${option.required ? "**required**" : absent}): ${meaning}`;
}

/** `300`, `87600 - ten years` or, where the default is behaviour, `- the first pool`. */
function defaultText(text: string): string {
    if (text.startsWith("- ")) return text.slice(2);
    const [literal, ...words] = text.split(" - ");
    return [`\`${literal ?? ""}\``, ...words].join(", ");
}
