// Lists in pages of three, behind cursors that mean nothing to anybody else.

import * as mcp from '@modelcontextprotocol/sdk/types.js';

const pageSize = 3;
const cursorOf = (start) => Buffer.from(`from ${start}`).toString('base64');

/** { page, nextCursor }; an unknown cursor is refused. */
export function pageOf(all, cursor) {
  let start = 0;
  while (cursor !== undefined && cursor !== cursorOf(start)) {
    if ((start += pageSize) >= all.length) throw new mcp.McpError(-32602, `unknown cursor ${cursor}`);
  }
  const end = start + pageSize;
  return { page: all.slice(start, end), nextCursor: end < all.length ? cursorOf(end) : undefined };
}
