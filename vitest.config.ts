import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/**/*.test.ts"],
        pool: "forks",
        // Loading Pulumi's SDKs takes longer than most tests. Each recording begins a runtime of its own, so files can share them.
        isolate: false,
        maxWorkers: "100%",
        // A broken program can leave a promise open; better a clear failure than a long silence.
        testTimeout: 20_000,
    },
});
