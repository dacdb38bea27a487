import { defineConfig } from "vitest/config";

export default defineConfig({
    test: {
        include: ["test/charts/**/*.charts.ts"],
        globalSetup: ["test/charts/setup.ts"],
        pool: "forks",
        isolate: false,
        maxWorkers: "100%",
        testTimeout: 20_000,
        // Each renders a chart or two.
        hookTimeout: 60_000,
    },
});
