const jupyterlab = require('@jupyterlab/testing/lib/jest-config')(__dirname);

module.exports = {
  ...jupyterlab,
  reporters: ['default'],
  testRegex: '/test/.*\\.spec\\.tsx?$',
  modulePathIgnorePatterns: ['<rootDir>/hdh_jupyter_labextension']
};
