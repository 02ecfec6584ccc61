// Rules beyond types: nothing is evaluated, and texts reach the page as text nodes alone.
const forbidden = ["innerHTML", "outerHTML", "insertAdjacentHTML", "srcdoc"];
const globals = ["document", "window", "location", "history", "globalThis", "innerWidth", "innerHeight", "devicePixelRatio", "addEventListener", "dispatchEvent",
  "requestAnimationFrame", "cancelAnimationFrame", "setTimeout", "clearTimeout", "matchMedia", "getComputedStyle", "performance", "atob", "Blob", "Response", "URL", "URLSearchParams",
  "TextDecoder", "DecompressionStream", "ResizeObserver", "Event", "Element", "HTMLElement", "HTMLInputElement"];
export default [
  {
    files: ["*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module", globals: Object.fromEntries(globals.map((g) => [g, "readonly"])) },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      "no-eval": "error", "no-implied-eval": "error", "no-new-func": "error", "no-script-url": "error",
      "no-restricted-properties": ["error", ...forbidden.map((property) => ({ property })), { object: "document", property: "write" }],
      "no-restricted-syntax": ["error", { selector: "ImportExpression", message: "The modules are joined to one." }],
      "no-undef": "error", "no-unused-vars": ["error", { varsIgnorePattern: "^_", argsIgnorePattern: "^_" }], "prefer-const": "error", "no-var": "error", eqeqeq: "error",
      "no-shadow-restricted-names": "error", "no-duplicate-imports": "error", "no-unreachable": "error", "no-self-compare": "error", "no-fallthrough": "error",
    },
  },
];
