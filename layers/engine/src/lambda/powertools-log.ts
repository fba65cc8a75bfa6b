import type { Logger } from '@aws-lambda-powertools/logger';
import { printable, printableData } from '../domain/telling/printable.js';
import type { Log } from '../ports.js';

/** The engine's log on Powertools Logger: the message code goes into a field of its own. */
export function createPowertoolsLog(logger: Logger): Log {
  return {
    info: (code, message, data = {}) => {
      logger.info(printable(message), { ...printableData(data), code });
    },
    warn: (code, message, data = {}) => {
      logger.warn(printable(message), { ...printableData(data), code });
    },
    error: (code, message, data = {}) => {
      logger.error(printable(message), { ...printableData(data), code });
    },
  };
}
