import type { Problem } from "../problem.ts";
import type { JsonValue } from "../resolved.ts";
import { flagOf, flagText } from "./rke2-types.ts";

type Config = Readonly<Record<string, JsonValue>>;

/** Keys that are right each by itself, and wrong together. `at` is where they stand. */
export function rke2Conflicts(config: Config, at: string): Problem[] {
    const found = (rule: string, fix: string) => ({ path: at, rule, fix });
    const given = (key: string) => ![undefined, ""].includes(textIn(config, key));
    const otherS3 = Object.keys(config).filter(
        (key) => key.startsWith("etcd-s3-") && key !== "etcd-s3-config-secret",
    );
    return [
        ...["cloud-provider-name", "cloud-provider-config"]
            .filter((key) => key in config && "node-external-ip" in config)
            .map((key) =>
                found(
                    `node-external-ip does not go with ${key}: RKE2 would stop`,
                    "leave one of them out: a cloud provider gives nodes their addresses",
                ),
            ),
        ...(given("cloud-provider-config") && !given("cloud-provider-name")
            ? [
                  found(
                      "cloud-provider-config needs cloud-provider-name: RKE2 would stop",
                      "set both, or leave both out",
                  ),
              ]
            : []),
        ...(textIn(config, "profile") === "cis" && flagOf(config["protect-kernel-defaults"]) === false
            ? [
                  found(
                      "protect-kernel-defaults cannot be false with profile cis: RKE2 would stop",
                      "leave protect-kernel-defaults out",
                  ),
              ]
            : []),
        ...(given("etcd-s3-config-secret") && otherS3.length > 0
            ? [
                  found(
                      `etcd-s3-config-secret is not read next to other settings of S3 (${otherS3.join(", ")})`,
                      "move them into the Secret, or leave etcd-s3-config-secret out",
                  ),
              ]
            : []),
    ];
}

function textIn(config: Config, key: string): string | undefined {
    const value = config[key];
    return value === undefined ? undefined : flagText(value);
}
