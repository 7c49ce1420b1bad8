const { default: JupyterLabEnvironment } = require('@jupyterlab/testing/lib/jest-env.js');

/**
 * The page that the tests run in, with the browser's way to give up a request: jsdom's is too old for `fetch`.
 */
module.exports = class extends JupyterLabEnvironment {
  constructor(...options) {
    super(...options);
    Object.assign(this.global, { AbortController, AbortSignal });
  }
};
