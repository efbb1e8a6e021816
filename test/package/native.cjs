// Loads as Node does. In a test file `import()` is the test runner's own, and resolves by other rules.
module.exports = {
  load: (specifier) => import(specifier),
  require,
};
