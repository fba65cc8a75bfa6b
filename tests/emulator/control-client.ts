/** The emulator's control API: JSON over HTTP. */
export interface Control {
  send(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, payload?: unknown): Promise<unknown>;
}

export function controlClient(endpoint: string): Control {
  return {
    async send(method, path, payload) {
      const response = await fetch(`${endpoint}/_emulator/${path}`, {
        method,
        ...(payload === undefined ? {} : { body: JSON.stringify(payload) }),
      });
      const text = await response.text();
      if (!response.ok) {
        throw new Error(`The emulator refused ${method} ${path}: ${text}`);
      }
      const answer: unknown = JSON.parse(text);
      return answer;
    },
  };
}
