import pulumi from "@pulumi/eslint-plugin";
import tseslint from "typescript-eslint";

export default tseslint.config(
    { ignores: ["node_modules/", "plan-out/"] },
    ...tseslint.configs.strictTypeChecked,
    {
        languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
        plugins: { "@pulumi": pulumi },
        rules: {
            // An Output in a template string prints a complaint instead of its value, and tsc does not see it.
            "@pulumi/no-output-in-template-literal": "error",
            // Casts hide exactly the mistakes this program exists to find; `as const` stays allowed.
            "@typescript-eslint/consistent-type-assertions": ["error", { assertionStyle: "never" }],
            "@typescript-eslint/switch-exhaustiveness-check": "error",
            // Numbers in messages are the normal case here.
            "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
            // `{ one, ...others }` is how a key is left out.
            "@typescript-eslint/no-unused-vars": ["error", { ignoreRestSiblings: true }],
            // A component is created for what it registers; nobody has to hold it.
            "no-new": "off",
        },
    },
    {
        files: ["eslint.config.js"],
        extends: [tseslint.configs.disableTypeChecked],
        rules: { "@pulumi/no-output-in-template-literal": "off" },
    },
);
