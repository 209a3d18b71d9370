// How requests are answered: the SDK says -32603 to params that do not fit their schema, and the
// specification -32602.

import * as mcp from '@modelcontextprotocol/sdk/types.js';

/** `handler(params, extra)` answers the method of `schema`. */
export function answer(server, schema, handler) {
  const method = schema.shape.method.value;
  const loose = mcp.RequestSchema.extend({ method: schema.shape.method });
  server.setRequestHandler(loose, (request, extra) => {
    const parsed = schema.safeParse(request);
    if (parsed.success) return handler(parsed.data.params ?? {}, extra);
    const issues = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
    throw new mcp.McpError(-32602, `${method}: ${issues.join('; ')}`);
  });
}
