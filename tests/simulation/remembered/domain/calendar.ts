import { parseTime as parse } from '../../../../layers/engine/src/domain/calendar.js';
import { remember } from '../../../../layers/engine/src/domain/remember.js';

export * from '../../../../layers/engine/src/domain/calendar.js';
export const parseTime = remember(parse, (text) => text);
