/** WebGPU of this page or worker (also a `navigator.gpu` that a Node program has put there), or null. */
export function browserGpu(): GPU | null {
  const { navigator } = globalThis as { readonly navigator?: { readonly gpu?: GPU } };
  return navigator?.gpu ?? null;
}

/** True in Node and other runtimes that load npm packages at run time. */
export function isNode(): boolean {
  const { process } = globalThis as { readonly process?: { readonly versions?: { readonly node?: string } } };
  return typeof process?.versions?.node === 'string';
}
