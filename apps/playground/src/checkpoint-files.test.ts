import { describe, expect, it } from 'vitest';
import { findCheckpoint, type PickedFile } from './checkpoint-files.js';

const pick = (path: string, content = 'content'): PickedFile => ({ path, file: new File([content], path.slice(path.lastIndexOf('/') + 1)) });
const failure = (...files: PickedFile[]): string => {
  try {
    findCheckpoint(files);
  } catch (error) {
    return String(error);
  }
  return 'no error';
};

describe('findCheckpoint', () => {
  it('takes the two files of the folder and leaves the rest', async () => {
    const found = findCheckpoint([
      pick('run/optimizer.safetensors'),
      pick('run/weights.safetensors', 'w'),
      pick('run/config.json', 'c'),
      pick('run/notes.txt'),
    ]);
    expect([found.name, await found.config.text(), await found.weights.text()]).toEqual(['run', 'c', 'w']);
  });

  it('takes two files picked without a folder', () => {
    expect(findCheckpoint([pick('weights.safetensors'), pick('config.json')]).name).toBe('checkpoint');
  });

  it('prefers the least deep folder', () => {
    const deep = [pick('run/old/config.json'), pick('run/old/weights.safetensors')];
    expect(findCheckpoint([...deep, pick('run/config.json'), pick('run/weights.safetensors')]).name).toBe('run');
  });

  it('takes the newest step of a run folder', () => {
    const steps = ['00000200', '00001000', '00000900'].flatMap((step) => [
      pick(`moby/step-${step}/config.json`, step),
      pick(`moby/step-${step}/weights.safetensors`),
    ]);
    expect(findCheckpoint(steps).name).toBe('moby, step-00001000');
    expect(findCheckpoint(steps.slice(0, 2)).name).toBe('moby, step-00000200');
    expect(failure(...steps, pick('moby/best/config.json'), pick('moby/best/weights.safetensors'))).toContain('4 checkpoints found');
  });

  it.each([
    ['nothing', [], 'the folder is empty'],
    ['no weights', [pick('run/config.json')], 'no weights.safetensors among the files; found config.json'],
    [
      'neither',
      [pick('a.txt'), pick('b.txt'), pick('c.txt'), pick('d.txt')],
      'no config.json and no weights.safetensors among the files; found a.txt, b.txt, c.txt and 1 more',
    ],
    ['files of two folders', [pick('a/config.json'), pick('b/weights.safetensors')], 'lie in different folders'],
    [
      'several checkpoints',
      ['a', 'b'].flatMap((name) => [pick(`run/${name}/config.json`), pick(`run/${name}/weights.safetensors`)]),
      '2 checkpoints found (a, b): open',
    ],
    ['an empty file', [pick('run/config.json'), pick('run/weights.safetensors', '')], 'weights.safetensors: the file is empty'],
  ])('says in one line: %s', (_, files, message) => {
    const text = failure(...files);
    expect(text).toContain(message);
    expect(text).not.toContain('\n');
  });
});
