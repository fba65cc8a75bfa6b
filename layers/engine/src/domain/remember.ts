/** So many answers are kept: an estate's backups are of fewer days and minutes. */
const MOST = 2_000;

/**
 * A function that gives the answer it gave before where it is asked the same: what many have in common is made, and held,
 * once. For functions whose answer comes from what they are given alone, and is never changed.
 *
 * @param keyOf what is given, as text: what differs has different texts.
 */
export function remember<Given extends readonly unknown[], Answer>(
  work: (...given: Given) => Answer,
  keyOf: (...given: Given) => string,
): (...given: Given) => Answer {
  const answers = new Map<string, { readonly answer: Answer }>();
  return (...given) => {
    const key = keyOf(...given);
    const known = answers.get(key);
    if (known !== undefined) return known.answer;
    const answer = work(...given);
    if (answers.size >= MOST) answers.clear();
    answers.set(key, { answer });
    return answer;
  };
}
