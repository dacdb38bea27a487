import { resolve } from "node:path";

import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/**/*.test.ts"],
        setupFiles: ["test/support/stack-traces.ts"],
        pool: "forks",
        // Loading Pulumi's SDKs takes longer than most tests. Each recording begins a runtime of its own, so files can share them.
        isolate: false,
        // What a recording makes is mostly garbage at once: with room for it, it is collected far less often.
        execArgv: ["--max-semi-space-size=64"],
        maxWorkers: "100%",
        // A broken program can leave a promise open; better a clear failure than a long silence.
        testTimeout: 20_000,
        // Some tests start the program as a shell does. Node then reads what it has compiled before, in half the time.
        env: { NODE_COMPILE_CACHE: resolve(import.meta.dirname, "node_modules/.cache/compiled") },
    },
});
