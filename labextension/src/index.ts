import { cataloguePlugin } from './catalogue/plugin';
import { extractionPlugin } from './extraction/plugin';
import { backendPlugin } from './workspace/backendPlugin';
import { portalPlugin } from './workspace/portal';
import { sealedPlugin } from './workspace/sealed';

export * from './tokens';

export default [backendPlugin, cataloguePlugin, extractionPlugin, sealedPlugin, portalPlugin];
