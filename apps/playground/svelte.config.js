/** `tree`: components are built by createElement and text nodes, never by innerHTML, so the page runs under Trusted Types. */
export default { compilerOptions: { fragments: 'tree', runes: true } };
