import { EventEmitter } from 'node:events';
import { Writable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { prepareEnvironment } from '../../../cli/environment.js';
import { cursorOf, watchSignals } from '../../../cli/interruption.js';
import { openOutput } from '../../../cli/output.js';
import { createTerminalLog } from '../../../cli/terminal-log.js';

describe('createTerminalLog', () => {
  function logged(verbose: boolean): readonly string[] {
    const lines: string[] = [];
    const log = createTerminalLog({ error: (line) => lines.push(line) }, { verbose });
    log.info('SHELVERY_RUN_STARTED', 'begun', { action: 'create_backups', runTime: '2026-11-24T03:00:00.000Z' });
    log.warn('SHELVERY_CONFIG_WARNING', 'odd');
    log.warn('SHELVERY_CONFIG_WARNING', 'odd');
    log.error('SHELVERY_OUTCOME_FAILED', 'failed', { operation: 'CreateBackup', errorCode: 'AwsError' });
    log.error('SHELVERY_NOTIFICATION_LOST', 'lost');
    return lines;
  }

  it('prints warnings once, and errors that are no outcomes', () => {
    expect(logged(false)).toEqual(['warning: odd', 'error: lost']);
  });

  it('prints everything, with its code, when asked', () => {
    expect(logged(true)).toEqual([
      'info: SHELVERY_RUN_STARTED begun',
      'warning: SHELVERY_CONFIG_WARNING odd',
      'error: SHELVERY_OUTCOME_FAILED failed',
      'error: SHELVERY_NOTIFICATION_LOST lost',
    ]);
  });
});

describe('openOutput', () => {
  /** A stream whose every write fails. */
  class Broken extends Writable {
    override _write(_chunk: unknown, _encoding: string, callback: (error: Error) => void): void {
      callback(Object.assign(new Error('no space left on device'), { code: this.why }));
    }

    constructor(readonly why: string) {
      super({ autoDestroy: false });
    }
  }

  it.each([
    [
      'ENOSPC',
      ['warning: standard output cannot be written (no space left on device); the run continues without it\n'],
    ],
    ['EPIPE', []],
  ])(
    'goes on where nothing can be written any more, and says so once if that is a problem: %s',
    async (why, expected) => {
      const said: string[] = [];
      const stderr = new Writable({
        write(chunk: Buffer, _encoding, callback) {
          said.push(chunk.toString());
          callback();
        },
      });
      const output = openOutput(new Broken(why), stderr, {});
      output.line('one');
      await setImmediate();
      output.line('two');
      await setImmediate();
      expect(said).toEqual(expected);
      expect(await output.isWritten()).toBe(why === 'EPIPE');
    },
  );
});

describe('prepareEnvironment', () => {
  it("knows the profile by boto3's name", () => {
    const environment: Record<string, string | undefined> = { AWS_DEFAULT_PROFILE: 'backups', AWS_PROFILE: '' };
    prepareEnvironment(environment);
    expect(environment['AWS_PROFILE']).toBe('backups');
  });

  it('leaves AWS_PROFILE as it is', () => {
    const environment = { AWS_DEFAULT_PROFILE: 'other', AWS_PROFILE: 'backups' };
    prepareEnvironment(environment);
    expect(environment.AWS_PROFILE).toBe('backups');
  });
});

describe('watchSignals', () => {
  it('asks for a clean stop at first, and ends the process at the second', () => {
    const source = new EventEmitter();
    const ends: unknown[] = [];
    let told = 0;
    const exit = (code?: unknown): never => {
      ends.push(code);
      throw new Error('ended');
    };
    const interruption = watchSignals(
      Object.assign(source, { exit }),
      () => {
        told += 1;
      },
      () => ends.push('the last thing'),
    );
    expect(interruption.isInterrupted()).toBe(false);
    source.emit('SIGTERM');
    expect([interruption.isInterrupted(), interruption.signal.aborted, told, ends]).toEqual([true, true, 1, []]);
    expect(() => source.emit('SIGINT')).toThrow('ended');
    expect(ends).toEqual(['the last thing', 130]);
    interruption.end();
    expect(source.eventNames()).toEqual([]);
  });
});

describe('cursorOf', () => {
  it('gives a terminal its cursor back, past what keeps to itself what is written, and writes nothing elsewhere', () => {
    const written: string[] = [];
    const streams = [{ isTTY: true }, { isTTY: false }, {}].map((of) => ({
      ...of,
      write: (text: string): unknown => written.push(text),
    }));
    const backs = streams.map((stream) => cursorOf(stream));
    for (const stream of streams) stream.write = () => undefined;
    for (const giveBack of backs) giveBack();
    expect(written).toEqual(['\u001B[?25h']);
  });
});
