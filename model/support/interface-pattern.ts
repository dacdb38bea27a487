import { RE2JS } from "re2js";

import { show, type Problem } from "../problem.ts";

/**
 * What is wrong with the interfaces of Cilium's L2 announcements, which are Go regular expressions. Nothing in the cluster
 * would say so: the agents log it and announce nothing.
 */
export function interfaceProblems(interfaces: readonly string[], path: string): Problem[] {
    return interfaces.flatMap((pattern, index) => {
        const reason = syntaxError(pattern);
        return reason === undefined
            ? []
            : [
                  {
                      path: `${path}[${index}]`,
                      value: show(pattern),
                      rule: `is not a regular expression of Go's: ${reason}`,
                      fix: 'write one such as "^eth[0-9]+$"; Go has neither look-around nor back-references',
                  },
              ];
    });
}

/** Go's engine is RE2; JavaScript's own takes expressions that Go refuses, and the other way round. */
function syntaxError(pattern: string): string | undefined {
    try {
        RE2JS.compile(pattern);
        return undefined;
    } catch (error) {
        return error instanceof Error ? error.message : String(error);
    }
}
