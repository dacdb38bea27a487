import { show, type Problem } from "../../model/problem.ts";

/** X.509 gives a common name no more (RFC 5280, ub-common-name). */
const COMMON_NAME_MAX = 64;

/** What is wrong with a number of hours. */
export function hoursProblems(path: string, hours: number, least: number): Problem[] {
    return Number.isInteger(hours) && hours >= least
        ? []
        : [
              {
                  path,
                  value: show(hours),
                  rule: `must be a whole number of hours, at least ${least}`,
                  fix: "write it in hours: 8760 are a year",
              },
          ];
}

/** What is wrong with the common name that follows from a value. */
export function commonNameProblems(path: string, commonName: string): Problem[] {
    return commonName.length <= COMMON_NAME_MAX
        ? []
        : [
              {
                  path,
                  rule: `makes the common name ${show(commonName)}, which has ${commonName.length} characters; a certificate holds ${COMMON_NAME_MAX}`,
                  fix: `shorten it by ${commonName.length - COMMON_NAME_MAX}`,
              },
          ];
}
