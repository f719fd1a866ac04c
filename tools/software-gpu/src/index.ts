export { prepareSoftwareAdapter, requireTestAdapter, type TestAdapter, testAdapter } from './adapter.js';
export { launchChromium } from './chromium.js';
export { type ModulePage, openModulePage } from './module-page.js';
export { type ServeOptions, type StaticServer, serveFolder } from './server.js';
export { type ArchiveFile, chromiumFolder, readTar, swiftshaderFolder } from './unpack.js';
