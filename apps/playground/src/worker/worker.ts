import type { WorkerEvent, WorkerRequest } from '../protocol.js';
import { Engine } from './engine.js';

const engine = new Engine((event: WorkerEvent) => postMessage(event));
addEventListener('message', ({ data }: MessageEvent<WorkerRequest>) => void engine.handle(data));
