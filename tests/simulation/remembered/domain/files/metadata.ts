import {
  formatMetadata as format,
  parseMetadata as parse,
} from '../../../../../layers/engine/src/domain/files/metadata.js';
import { remember } from '../../../../../layers/engine/src/domain/remember.js';

export * from '../../../../../layers/engine/src/domain/files/metadata.js';
export const formatMetadata = remember(format, (metadata) => JSON.stringify(metadata));
export const parseMetadata = remember(parse, (text) => text);
