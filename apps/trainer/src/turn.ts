/** A turn of the event loop: signals, timers and broken pipes are heard in it. A CPU device never gives one by itself. */
export function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
