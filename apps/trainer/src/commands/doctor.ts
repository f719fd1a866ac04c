import type { DefineCommand, DoctorOptions } from './handlers.js';

export const define: DefineCommand<DoctorOptions> = (command) => {
  command.option('--json', 'print JSON');
  return () => ({ json: command.opts<{ json?: boolean }>().json === true });
};
