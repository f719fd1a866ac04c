// The flag values are fixed by the WebGPU specification; Node has no global GPUBufferUsage.
export const bufferUsage = {
  mapRead: 0x1,
  copySource: 0x4,
  copyDestination: 0x8,
  uniform: 0x40,
  storage: 0x80,
  queryResolve: 0x200,
} as const;

export const mapRead = 0x1;
export const computeStage = 0x4;
