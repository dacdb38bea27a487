import { show, type Problem } from "../../model/problem.ts";

/** Where RKE2's install script comes from, unless told otherwise. */
export const INSTALL_URL = "https://get.rke2.io";

interface Install {
    readonly version: string;
    readonly installUrl?: string;
}

/** What is wrong with how RKE2 is to be installed. */
export function installProblems({ version, installUrl = INSTALL_URL }: Install): Problem[] {
    return [
        ...(/^v1\.\d+\.\d+\+rke2r\d+$/.test(version)
            ? []
            : [
                  {
                      path: "version",
                      value: show(version),
                      rule: "must be the tag of an RKE2 release",
                      fix: 'write it as "v1.35.7+rke2r1"',
                  },
              ]),
        ...(/^https:\/\/\S+$/.test(installUrl)
            ? []
            : [
                  {
                      path: "installUrl",
                      value: show(installUrl),
                      rule: "must begin with https://, as what it answers runs as root",
                      fix: `write it as "${INSTALL_URL}"`,
                  },
              ]),
    ];
}
