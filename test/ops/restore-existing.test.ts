import { expect, it } from "vitest";

import { resolveMesh } from "../../model/resolve.ts";
import { clusterOf } from "../../ops/restore-args.ts";
import { withExisting } from "../support/existing.ts";

it("restores nothing in a cluster that was there already", () => {
    const mesh = resolveMesh(withExisting());
    expect(clusterOf(mesh, "prod", "west").name).toBe("west");
    expect(() => clusterOf(mesh, "prod", "north")).toThrow(
        "north was there already, and its etcd is not this program's to restore",
    );
});
