import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';

/**
 * Return the source files below a folder.
 */
function sources(folder: string): string[] {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const here = path.join(folder, entry.name);
    return entry.isDirectory() ? sources(here) : /\.tsx?$/.test(entry.name) ? [here] : [];
  });
}

/**
 * Return every sentence that the sources ask a translation for: singular -> plural, or null without one.
 */
export function sentences(folder: string): Map<string, string | null> {
  const found = new Map<string, string | null>();
  for (const file of sources(folder)) {
    const visit = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
        const [first, second] = node.arguments;
        const method = node.expression.name.text;
        if ((method === '__' || method === '_n') && first) {
          if (!ts.isStringLiteralLike(first)) {
            throw new Error(`${file}: a sentence that is no literal: ${first.getText()}`);
          }
          found.set(first.text, method === '_n' && second && ts.isStringLiteralLike(second) ? second.text : null);
        }
      }
      ts.forEachChild(node, visit);
    };
    visit(ts.createSourceFile(file, fs.readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX));
  }
  return found;
}
