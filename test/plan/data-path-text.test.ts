import { expect, it } from "vitest";

import { fromConfig } from "../../model/describe.ts";
import { resolveMesh } from "../../model/resolve.ts";
import { dataPathText, encryptionText } from "../../plan/data-path-text.ts";
import { twoClusters, type TwoClusters } from "../support/mesh.ts";

function cilium(change: (mesh: TwoClusters) => unknown) {
    const mesh = twoClusters();
    change(mesh);
    const [east] = resolveMesh(mesh).clusters;
    if (east === undefined) throw new Error("no cluster");
    return east.cilium;
}

it("says nothing of what is not described", () => {
    expect(dataPathText(cilium(() => undefined))).toBe("");
});

it("says how Services are balanced and packets paced", () => {
    expect(
        dataPathText(
            cilium((mesh) => {
                mesh.cilium.serviceLoadBalancing = {
                    mode: "hybrid",
                    dispatch: "opt",
                    algorithm: "maglev",
                    maglevTableSize: 65521,
                    acceleration: "native",
                };
                mesh.cilium.devices = ["eth0", "ens+"];
                mesh.cilium.bandwidthManager = { bbr: true };
                mesh.cilium.nat46x64 = true;
            }),
        ),
    ).toBe(
        "hybrid, answers told by an IP option, maglev, table of 65521, XDP native, on eth0 ens+, bandwidth manager with BBR, NAT46/64",
    );
    expect(
        dataPathText(
            cilium((mesh) => {
                mesh.cilium.serviceLoadBalancing = { dispatch: "geneve" };
                mesh.cilium.bandwidthManager = {};
            }),
        ),
    ).toBe("answers told by Geneve, bandwidth manager");
});

it("says which key is in use", () => {
    expect(encryptionText(cilium(() => undefined))).toBe("none");
    expect(
        encryptionText(cilium((mesh) => void (mesh.cilium.encryption = { type: "ipsec", keyGeneration: 4 }))),
    ).toBe("ipsec, key 4 of this program");
    expect(
        encryptionText(
            cilium((mesh) => void (mesh.cilium.encryption = { type: "ipsec", key: fromConfig("ipsecKey") })),
        ),
    ).toBe("ipsec");
});
