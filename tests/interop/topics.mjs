// The six kinds of topics of MCP over MQTT, written and read.

export const serverControl = (id, name) => `$mcp-server/${id}/${name}`;
export const serverPresence = (id, name) => `$mcp-server/presence/${id}/${name}`;
export const serverCapability = (id, name) => `$mcp-server/capability/${id}/${name}`;
export const clientPresence = (id) => `$mcp-client/presence/${id}`;
export const clientCapability = (id) => `$mcp-client/capability/${id}`;
export const rpc = (clientId, serverId, name) => `$mcp-rpc/${clientId}/${serverId}/${name}`;

const reservedServerIds = new Set(['presence', 'capability']);
const forbidden = /[/+#\u0000-\u001f\u007f]/;

/** What is wrong with an MQTT client id as an MCP id, or null. */
export function idProblem(id, role) {
  if (typeof id !== 'string' || id === '') return 'is empty';
  if (forbidden.test(id)) return `"${id}" holds /, +, # or a control character`;
  if (role === 'mcp-server' && reservedServerIds.has(id)) return `"${id}" is reserved`;
  return null;
}

/** What is wrong with a server-name, or null. */
export function nameProblem(name) {
  if (typeof name !== 'string' || name === '') return 'is empty';
  if (/[+#\u0000-\u001f\u007f]/.test(name)) return `"${name}" holds +, # or a control character`;
  return null;
}

/** { kind, clientId?, serverId?, serverName? } of a topic, or null for a topic that is none of ours. */
export function parseTopic(topic) {
  const levels = topic.split('/');
  const rest = (from) => levels.slice(from).join('/');
  switch (levels[0]) {
    case '$mcp-server': {
      const kind = { presence: 'server-presence', capability: 'server-capability' }[levels[1]];
      const at = kind ? 2 : 1;
      if (levels.length < at + 2) return null;
      return { kind: kind ?? 'control', serverId: levels[at], serverName: rest(at + 1) };
    }
    case '$mcp-client': {
      const kind = { presence: 'client-presence', capability: 'client-capability' }[levels[1]];
      return kind && levels.length === 3 ? { kind, clientId: levels[2] } : null;
    }
    case '$mcp-rpc':
      if (levels.length < 4) return null;
      return { kind: 'rpc', clientId: levels[1], serverId: levels[2], serverName: rest(3) };
    default:
      return null;
  }
}

/** MQTT filter matching, as far as the filters of this transport need it (`+`, trailing `#`). */
export function filterMatches(filter, topic) {
  const wanted = filter.split('/');
  const given = topic.split('/');
  for (let i = 0; i < wanted.length; ++i) {
    if (wanted[i] === '#') return true;
    if (i >= given.length || (wanted[i] !== '+' && wanted[i] !== given[i])) return false;
  }
  return wanted.length === given.length;
}
