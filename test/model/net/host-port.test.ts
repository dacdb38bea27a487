import { expect, it } from "vitest";

import { hostPort } from "../../../model/net/host-port.ts";

it("puts IPv6 addresses in brackets in front of a port", () => {
    expect(hostPort("192.0.2.1", 22)).toBe("192.0.2.1:22");
    expect(hostPort("2001:db8::1", 22)).toBe("[2001:db8::1]:22");
    expect(hostPort("api.example.net", 6443)).toBe("api.example.net:6443");
});
