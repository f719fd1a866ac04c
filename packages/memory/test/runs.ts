/** Runs of a property test: few in `npm test`, more where the environment asks (`test:long`). */
export const propertyRuns: number = Number(process.env.DLA_PROPERTY_RUNS ?? 12);
