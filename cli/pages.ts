/**
 * The pages that are made for a browser. They are a file of their own beside the program, which reads it only to make one:
 * so nothing of the program is imported here but types.
 */
export { reportPage } from './pages/report-page.js';
export { runbookPage } from './pages/runbook-page.js';
