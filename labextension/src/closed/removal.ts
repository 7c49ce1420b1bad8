import { CommandRegistry } from '@lumino/commands';

/**
 * JupyterLab's commands that lead nowhere in a workspace, and that no plugin of their own can be turned off for.
 */
export const REMOVED: readonly string[] = [
  // They would end the server, or sign out of it: the portal does both.
  'filemenu:logout',
  'filemenu:shutdown',
  // A download of one's settings.
  'settingeditor:export',
  // A page on the internet.
  'jupyterlab-translation:install-languages',
  // The frame may not fill the screen: the portal's bar above it stays in sight.
  'application:toggle-fullscreen-mode',
  'help:about'
];

/**
 * Remove commands from a registry, those also that are added later.
 *
 * The registry hands the right to remove a command to whoever added it alone, so that this reaches into it; menus and
 * the palette leave out what they find no command for.
 */
export function removeCommands(commands: CommandRegistry, ids: readonly string[]): void {
  const registered = Reflect.get(commands, '_commands') as Map<string, unknown> | undefined;
  const unwanted = new Set(ids);
  const remove = (id: string): void => {
    registered?.delete(id);
  };
  ids.forEach(remove);
  commands.commandChanged.connect((_, { id, type }) => {
    if (type === 'added' && id !== undefined && unwanted.has(id)) {
      // Whoever adds it may still use it in the same breath.
      void Promise.resolve().then(() => remove(id));
    }
  });
}
