import { stringify } from "yaml";

/** YAML that the readers of YAML 1.1 and 1.2 understand alike: `"on"` and `"1:20"` are quoted. */
export function yamlText(value: unknown): string {
    return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
