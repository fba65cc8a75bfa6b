import { printable } from '@shelvery/engine/terminal';
import type { AwsCall } from '@shelvery/engine/terminal';
import { counted, plain } from './output.js';
import type { Output } from './output.js';
import { renderTable } from './render-table.js';

/** The calls of AWS that a command makes, for `--verbose`. */
export interface CallLog {
  /** A line on stderr for each call. */
  readonly onCall: (call: AwsCall) => void;
  /** All of them in numbers, on stderr. */
  readonly sumUp: () => void;
}

interface Sum {
  readonly service: string;
  readonly operation: string;
  calls: number;
  retries: number;
  throttled: number;
  failed: number;
  milliseconds: number;
}

export function createCallLog({ error }: Pick<Output, 'error'>): CallLog {
  const sums = new Map<string, Sum>();
  return {
    onCall(call) {
      error(printable(callLine(call)));
      const { service, operation } = call;
      const key = `${service} ${operation}`;
      const sum = sums.get(key) ?? {
        service,
        operation,
        calls: 0,
        retries: 0,
        throttled: 0,
        failed: 0,
        milliseconds: 0,
      };
      sums.set(key, sum);
      sum.calls += 1;
      sum.retries += Math.max(0, call.attempts - 1);
      sum.throttled += call.throttled;
      sum.failed += call.error === undefined ? 0 : 1;
      sum.milliseconds += call.milliseconds;
    },
    sumUp() {
      const rows = [...sums.values()].sort((a, b) => b.calls - a.calls || a.operation.localeCompare(b.operation));
      if (rows.length === 0) return;
      const total = rows.reduce((sum, { calls }) => sum + calls, 0);
      error(`${counted(total, 'call', 'calls')} of AWS:\n${sumTable(rows)}`);
    },
  };
}

/** @example 'call: ec2 CreateSnapshot in eu-west-1: ok, 1240 ms, 3 attempts, 2 throttled' */
function callLine({ service, operation, region, milliseconds, attempts, throttled, error = 'ok' }: AwsCall): string {
  return [
    `call: ${service} ${operation} in ${region}: ${error}`,
    `${milliseconds.toFixed(0)} ms`,
    ...(attempts > 1 ? [`${String(attempts)} attempts`] : []),
    ...(throttled > 0 ? [`${String(throttled)} throttled`] : []),
  ].join(', ');
}

function sumTable(rows: readonly Sum[]): string {
  return renderTable<Sum>(
    [
      { title: 'SERVICE', cell: ({ service }) => service },
      { title: 'OPERATION', cell: ({ operation }) => operation },
      { title: 'CALLS', cell: ({ calls }) => String(calls) },
      { title: 'RETRIES', cell: ({ retries }) => String(retries) },
      { title: 'THROTTLED', cell: ({ throttled }) => String(throttled) },
      { title: 'FAILED', cell: ({ failed }) => String(failed) },
      { title: 'MEAN MS', cell: ({ milliseconds, calls }) => (milliseconds / calls).toFixed(0) },
    ],
    rows,
    plain,
  );
}
