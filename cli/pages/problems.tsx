import type { Report } from '@shelvery/engine/terminal';
import type { JSX } from 'preact';
import { TYPE_NAMES } from './words.js';

/** What could not be looked at. */
export function Problems({ problems }: Pick<Report, 'problems'>): JSX.Element {
  return (
    <section class="problems" aria-labelledby="problems">
      <h2 id="problems">What could not be looked at</h2>
      <p>Whatever depends on it is missing from this page.</p>
      <ul>
        {problems.map(({ type, text }) => (
          <li>
            <b>{TYPE_NAMES[type]}:</b> {text}
          </li>
        ))}
      </ul>
    </section>
  );
}
