import { parseDateCreated as parse, parseTime as parseAny } from '../../../../layers/engine/src/domain/calendar.js';
import { remember } from '../remember.js';

export * from '../../../../layers/engine/src/domain/calendar.js';
export const parseDateCreated = remember(parse, (text) => text);
export const parseTime = remember(parseAny, (text) => text);
