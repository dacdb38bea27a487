import { show, type Problem } from "../../model/problem.ts";
import { compareVersions } from "../../model/support/version.ts";
import { installProblems } from "./install.ts";
import type { SystemUpgradeArgs, SystemUpgradeImages } from "./system-upgrade-args.ts";

/** The first release that chooses one leader and says by events what it does. */
const OLDEST_CONTROLLER = "v0.15.0";

/** Why nodes cannot be upgraded from inside their cluster in this way. */
export function systemUpgradeProblems(args: SystemUpgradeArgs): Problem[] {
    return [
        ...installProblems({ version: args.version }),
        ...methodProblems(args.install.method),
        ...controllerProblems(args.controllerVersion),
        ...imageProblems(args.images ?? {}),
        ...numberProblems(args),
    ];
}

function methodProblems(method: SystemUpgradeArgs["install"]["method"]): Problem[] {
    const because = {
        tar: undefined,
        rpm: "the package manager would go on to have the old release, and put it back at the next occasion",
        "air-gap":
            "its jobs pull the release as an image, and the archives of images on the hosts would stay those of the old one",
    }[method];
    return because === undefined
        ? []
        : [
              {
                  path: "install.method",
                  value: show(method),
                  rule: `cannot be upgraded by the system-upgrade-controller, which changes the binary alone: ${because}`,
                  fix: 'let this program upgrade: upgrade: { by: "ssh" }',
              },
          ];
}

function controllerProblems(version: string | undefined): Problem[] {
    if (version === undefined) return [];
    const problem = { path: "controllerVersion", value: show(version) };
    if (!/^v\d+\.\d+\.\d+$/.test(version)) {
        return [
            {
                ...problem,
                rule: "must be the tag of a release of the system-upgrade-controller",
                fix: 'write it as "v0.20.1"',
            },
        ];
    }
    return compareVersions(version, OLDEST_CONTROLLER) >= 0
        ? []
        : [
              {
                  ...problem,
                  rule: `is too old: two of it would work at the same time; it chooses a leader since ${OLDEST_CONTROLLER}`,
                  fix: "leave it out, or write a later one",
              },
          ];
}

function imageProblems({ controller, upgrade, kubectl }: SystemUpgradeImages): Problem[] {
    const tagged = (image: string) => /[:@][^/]*$/.test(image);
    const withTag = (name: string, image: string | undefined, whose: string): Problem[] =>
        image === undefined || !tagged(image)
            ? []
            : [
                  {
                      path: `images.${name}`,
                      value: show(image),
                      rule: `has a tag, and gets that of ${whose}`,
                      fix: "leave the tag out",
                  },
              ];
    return [
        ...withTag("controller", controller, "controllerVersion"),
        ...withTag("upgrade", upgrade, "the RKE2 release"),
        ...(kubectl === undefined || tagged(kubectl)
            ? []
            : [
                  {
                      path: "images.kubectl",
                      value: show(kubectl),
                      rule: "has no tag: another kubectl could come with each job",
                      fix: 'write it as "rancher/kubectl:v1.30.3"',
                  },
              ]),
    ];
}

function numberProblems({ agentsAtOnce, drainSeconds }: SystemUpgradeArgs): Problem[] {
    return Object.entries({ agentsAtOnce, drainSeconds })
        .filter(([, value]) => !Number.isInteger(value) || value < 1)
        .map(([path, value]) => ({
            path,
            value: show(value),
            rule: "must be a whole number from 1",
            fix: "write 1 or more",
        }));
}
