import { cataloguePlugin } from './catalogue/plugin';
import { clipboardPlugin } from './clipboard/plugin';
import { closedPlugin } from './closed/plugin';
import { connectionLostPlugin, linkPlugin } from './connection/plugin';
import { extractionPlugin } from './extraction/plugin';
import { outputsPlugin } from './outputs/plugin';
import { picturesPlugin } from './pictures/plugin';
import { trafficPlugin } from './traffic/plugin';
import { unshownPlugin } from './unshown/plugin';
import { usagePlugin } from './usage/plugin';
import { backendPlugin } from './workspace/backendPlugin';
import { portalPlugin } from './workspace/portal';
import { sealedPlugin } from './workspace/sealed';

export * from './tokens';

export default [
  backendPlugin,
  cataloguePlugin,
  clipboardPlugin,
  closedPlugin,
  connectionLostPlugin,
  extractionPlugin,
  linkPlugin,
  outputsPlugin,
  picturesPlugin,
  portalPlugin,
  sealedPlugin,
  trafficPlugin,
  unshownPlugin,
  usagePlugin
];
