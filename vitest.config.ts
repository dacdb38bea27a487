import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/**/*.test.ts"],
        // The Pulumi runtime is one per process: each file gets its own.
        pool: "forks",
        unstubEnvs: true,
        // A broken program can leave a promise open; better a clear failure than a long silence.
        testTimeout: 20_000,
    },
});
