const jupyterlab = require('@jupyterlab/testing/lib/jest-config')(__dirname);

/** Published as ES modules, which jest runs only once they are compiled. */
const modules = [
  '@codemirror',
  '@jupyter',
  '@jupyterlab',
  '@marijn',
  '@microsoft',
  'color',
  'exenv-es6',
  'lib0',
  'nanoid',
  'vscode-ws-jsonrpc',
  'y-protocols',
  'yjs'
];

module.exports = {
  ...jupyterlab,
  reporters: ['default'],
  testEnvironment: '<rootDir>/test/environment.js',
  testRegex: '/test/.*\\.spec\\.tsx?$',
  modulePathIgnorePatterns: ['<rootDir>/hdh_jupyter_labextension'],
  transformIgnorePatterns: [`/node_modules/(?!(${modules.join('|')})/)`]
};
