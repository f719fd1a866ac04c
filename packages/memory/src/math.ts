export { exp } from '../../core/src/math.js';
