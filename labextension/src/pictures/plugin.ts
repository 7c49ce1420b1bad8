import { JupyterFrontEnd, JupyterFrontEndPlugin } from '@jupyterlab/application';
import { PathExt } from '@jupyterlab/coreutils';

const PICTURE = /^\.(png|jpe?g|gif|webp|svg)$/i;

/**
 * Shows pictures that a text names by their path: the route that JupyterLab takes them from hands out whole files and
 * is closed, the one for contents gives small pictures.
 */
export const picturesPlugin: JupyterFrontEndPlugin<void> = {
  id: '@hdh/jupyter-labextension:pictures',
  description: 'Shows the pictures of the workspace that a text names by their path.',
  autoStart: true,
  activate: (app: JupyterFrontEnd) => {
    const { contents } = app.serviceManager;
    const original = contents.getDownloadUrl.bind(contents);
    const getDownloadUrl = async (path: string): Promise<string> => {
      if (!PICTURE.test(PathExt.extname(path))) {
        return original(path);
      }
      const model = await contents.get(path, { type: 'file', format: 'base64', content: true });
      return `data:${model.mimetype};base64,${String(model.content).replace(/\s/g, '')}`;
    };
    Object.assign(contents, { getDownloadUrl });
  }
};
