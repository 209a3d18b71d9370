// What a server offers, and checks that are left out, visibly, where it does not offer what they need.

/**
 * `feature` is a path into the capabilities of initialize (`tools.listChanged`, `resources`),
 * `tool NAME`, or `pages`.
 */
export function offers({ client, tools, pages }, feature) {
  if (feature === 'pages') return pages;
  if (feature.startsWith('tool ')) return tools.has(feature.slice('tool '.length));
  const value = feature.split('.').reduce((part, name) => part?.[name], client.getServerCapabilities());
  return value !== undefined && value !== false;
}

/** A `check` like that of Checks, for what needs all the features. */
export function checkWhereOffered(peer, ...features) {
  const missing = features.filter((feature) => !offers(peer, feature));
  if (missing.length === 0) return (what, body) => peer.checks.check(what, body);
  return (what) => peer.checks.skip(what, `the server does not offer ${missing.join(', ')}`);
}
