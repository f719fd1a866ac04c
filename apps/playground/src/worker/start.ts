import address from './worker.js?worker&url';

interface ScriptPolicy {
  createScriptURL(text: string): string;
}

interface PolicyFactory {
  createPolicy(name: string, rules: { createScriptURL(text: string): string }): ScriptPolicy;
}

/** Start the page's one worker. Its address is the only script address that the page's Trusted Types policy lets through. */
export function startWorker(): Worker {
  const { trustedTypes } = globalThis as { readonly trustedTypes?: PolicyFactory };
  const allowed = new URL(address, import.meta.url).href;
  const policy = trustedTypes?.createPolicy('dla-worker', {
    createScriptURL: (text) => {
      if (text !== allowed) throw new TypeError('not the script of this page');
      return text;
    },
  });
  return new Worker(policy?.createScriptURL(allowed) ?? allowed, { type: 'module', name: 'dla' });
}
