/** A step of a guide: the commands of one block, and what the guide says they print. */
export interface Step {
  readonly commands: string;
  /** Lines of the block `text` that follows, in their order; `…` stands for anything. */
  readonly prints: readonly string[];
  /** Exit codes that the guide tells of (`# exit code 4`), in the order of their commands. */
  readonly exitCodes: readonly number[];
}

const BLOCK = /^```(\w+)\n([\s\S]*?)^```$/gm;

/** The steps of a guide: its blocks of shell commands. A block of another language is for the reader alone. */
export function stepsOf(guide: string): readonly Step[] {
  const blocks = [...guide.matchAll(BLOCK)].map(([, language = '', text = '']) => ({ language, text }));
  return blocks.flatMap(({ language, text }, index) => {
    if (language !== 'sh') return [];
    const next = blocks[index + 1];
    const prints = next?.language === 'text' ? next.text.split('\n').filter((line) => line.trim() !== '') : [];
    const exitCodes = [...text.matchAll(/# exit code (\d+)$/gm)].map(([, code]) => Number(code));
    return [{ commands: text, prints, exitCodes }];
  });
}

/** The lines of `prints` that do not come in what was printed, after the line before them. */
export function notPrinted(prints: readonly string[], printed: string): readonly string[] {
  const lines = printed.split('\n');
  let from = 0;
  return prints.filter((line) => {
    const at = lines.findIndex((each, index) => index >= from && fits(line, each));
    if (at < 0) return true;
    from = at + 1;
    return false;
  });
}

/** Blanks are only where columns end, and `…` stands for anything. */
function fits(pattern: string, line: string): boolean {
  const words = line.trim().replace(/\s+/g, ' ');
  const [first = '', ...others] = pattern.trim().replace(/\s+/g, ' ').split('…');
  if (others.length === 0) return words === first;
  if (!words.startsWith(first)) return false;
  let from = first.length;
  for (const part of others.slice(0, -1)) {
    const at = words.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  const last = others.at(-1) ?? '';
  return words.length - last.length >= from && words.endsWith(last);
}
