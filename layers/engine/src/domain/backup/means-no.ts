/** What somebody writes who means no: nothing, `false`, `0`, `no`, in any case and with blanks around. */
export function meansNo(value: string): boolean {
  return ['', 'false', '0', 'no'].includes(value.trim().toLowerCase());
}
