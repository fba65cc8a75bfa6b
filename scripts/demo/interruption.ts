const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves when somebody wants the process to end; never otherwise. */
export async function interruption(): Promise<(typeof SIGNALS)[number]> {
  return await new Promise((resolve) => {
    for (const signal of SIGNALS) {
      process.on(signal, () => {
        resolve(signal);
      });
    }
  });
}
