import type { GpuKernel, KernelPlan, KernelRequest } from '@dla/kernels';
import { cover, fold, input, output, reads, scratch, shapeOf, words, writes } from '../../wgsl/launch-kit.js';
import fixedWgsl from './segment.fixed.fwd.wgsl';
import gramWgsl from './segment.gram.fwd.wgsl';
import keepWgsl from './segment.keep.fwd.wgsl';
import rowsWgsl from './segment.rows.fwd.wgsl';
import scanWgsl from './segment.scan.fwd.wgsl';
import tableWgsl from './segment.table.wgsl';
import unpackWgsl from './segment.unpack.fwd.wgsl';
import { GRID, type SegmentAttributes, segmentLayout } from './state.js';

const rules = { density: 0, weakest: 1, oldest: 2 } as const;

/**
 * WGSL form of `segment`. The Gram products of whole chunks run in parallel, the scalars of a head in one workgroup; the
 * five decision outputs travel packed, so that no launch binds more than eight storage buffers.
 */
export const segmentKernel: GpuKernel<SegmentAttributes> = ({ inputs, attributes, capabilities }: KernelRequest<SegmentAttributes>): KernelPlan => {
  const [batch, time, groups, keyWidth] = shapeOf(inputs[0]) as [number, number, number, number];
  const [, , heads, valueWidth] = shapeOf(inputs[1]) as [number, number, number, number];
  const layout = segmentLayout(attributes, keyWidth, valueWidth);
  const { numbersWidth, countersWidth } = layout;
  const limit = capabilities.limits.maxComputeWorkgroupsPerDimension;
  const lanes = batch * heads;
  const tokens = batch * time * heads;
  const table = [
    ...words(
      batch,
      time,
      groups,
      heads,
      keyWidth,
      valueWidth,
      attributes.capacity,
      attributes.policy === 'fixed' ? rules.oldest : rules[attributes.merge],
      attributes.blockLength,
      numbersWidth,
      countersWidth,
    ),
    { type: 'f32', value: attributes.tau } as const,
  ];
  const decisions = scratch(0);
  const unpack = {
    label: 'segment.unpack',
    code: unpackWgsl,
    entryPoint: 'main',
    bindings: [...reads(decisions), ...writes(...[0, 1, 2, 3, 4].map(output))],
    uniforms: words(tokens),
    workgroups: cover(tokens, limit),
  };
  if (attributes.policy === 'fixed')
    return {
      form: 'fixed',
      scratch: [tokens * 20],
      launches: [
        {
          label: 'segment.fixed',
          code: tableWgsl + fixedWgsl,
          entryPoint: 'main',
          bindings: writes(output(7), output(8), decisions),
          uniforms: table,
          workgroups: cover(lanes, limit),
        },
        unpack,
      ],
    };
  const rowCount = lanes * (GRID + time);
  const width = keyWidth + valueWidth + 1;
  const rows = scratch(1);
  const gram = scratch(2);
  return {
    form: 'scan',
    scratch: [tokens * 20, rowCount * width * 4, rowCount * GRID * 4],
    launches: [
      {
        label: 'segment.rows',
        code: rowsWgsl,
        entryPoint: 'main',
        bindings: [...reads(input(0), input(1), input(2), output(5), output(6), output(7), output(8)), ...writes(rows)],
        uniforms: words(batch, time, groups, heads, keyWidth, valueWidth, attributes.capacity, numbersWidth, countersWidth),
        workgroups: cover(rowCount * width, limit),
      },
      {
        label: 'segment.gram',
        code: gramWgsl,
        entryPoint: 'main',
        bindings: [...reads(rows, output(8)), ...writes(gram)],
        uniforms: words(lanes, time, keyWidth, valueWidth, countersWidth),
        workgroups: fold(rowCount, limit),
      },
      {
        label: 'segment.scan',
        code: tableWgsl + scanWgsl,
        entryPoint: 'main',
        bindings: [...writes(output(7), output(8), decisions), ...reads(rows, gram)],
        uniforms: table,
        workgroups: fold(lanes, limit),
      },
      unpack,
      {
        label: 'segment.keep',
        code: keepWgsl,
        entryPoint: 'main',
        bindings: [...reads(rows, output(8)), ...writes(output(5), output(6))],
        uniforms: words(batch, time, groups, heads, keyWidth, valueWidth, countersWidth),
        workgroups: cover(lanes * GRID * (keyWidth + valueWidth), limit),
      },
    ],
  };
};
