import { describe, expect, test } from "vitest";

import { registriesYaml } from "../../../components/rke2/registries.ts";

const SECRETS = { registryPassword: 'p@ss: "#1"', pullToken: "0123" };

describe("registries.yaml", () => {
    test("has everything under its name in the file, with its keys sorted and all text in quotes", () => {
        const text = registriesYaml(
            {
                mirrors: {
                    "docker.io": {
                        endpoint: ["https://r.example.net:5000", "https://s.example.net"],
                        rewrite: { "^rancher/(.*)": "mirror/$1" },
                    },
                    "*": { endpoint: ["https://r.example.net:5000"] },
                },
                configs: {
                    "r.example.net:5000": {
                        auth: { username: "on", password: { fromConfig: "registryPassword" } },
                        tls: {
                            caFile: "/ca.pem",
                            certFile: "/c.pem",
                            keyFile: "/k.pem",
                            insecureSkipVerify: false,
                        },
                    },
                    "quay.io": { auth: { token: { fromConfig: "pullToken" } } },
                },
            },
            SECRETS,
        );
        expect(text).toBe(`"configs":
  "quay.io":
    "auth":
      "identity_token": "0123"
  "r.example.net:5000":
    "auth":
      "password": "p@ss: \\"#1\\""
      "username": "on"
    "tls":
      "ca_file": "/ca.pem"
      "cert_file": "/c.pem"
      "insecure_skip_verify": false
      "key_file": "/k.pem"
"mirrors":
  "*":
    "endpoint":
      - "https://r.example.net:5000"
  "docker.io":
    "endpoint":
      - "https://r.example.net:5000"
      - "https://s.example.net"
    "rewrite":
      "^rancher/(.*)": "mirror/$1"
`);
    });

    test.each([{}, { mirrors: {}, configs: {} }])("is no file for %j", (registries) => {
        expect(registriesYaml(registries, {})).toBe("");
    });

    test("names a secret that was not given, by its key", () => {
        const registries = { configs: { "r.example.net": { auth: { token: { fromConfig: "none" } } } } };
        expect(() => registriesYaml(registries, SECRETS)).toThrow(
            "registries names the secret none, which was not given: run pulumi config set --secret none",
        );
    });
});
