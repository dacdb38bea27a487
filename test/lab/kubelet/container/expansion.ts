/**
 * `$(NAME)` in a command, an argument or a variable, as Kubernetes expands it: a name that is not known stays as it is, and
 * `$$(NAME)` means `$(NAME)` itself.
 */
export function expand(text: string, variables: ReadonlyMap<string, string>): string {
    return text.replaceAll(/\$\$|\$\(([^)]*)\)/g, (whole, name?: string) => {
        if (whole === "$$") return "$";
        return variables.get(name ?? "") ?? whole;
    });
}
