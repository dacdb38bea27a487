import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/lab/**/*.lab.ts"],
        pool: "forks",
        // A file has a lab of its own; one after the other, as each keeps two cores busy.
        fileParallelism: false,
        // The steps of a file build on each other, from nothing to nothing.
        sequence: { concurrent: false },
        bail: 1,
        // Each step as it ends: a file takes minutes.
        reporters: ["verbose"],
        testTimeout: 900_000,
        hookTimeout: 900_000,
    },
});
