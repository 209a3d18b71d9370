// Resources, their templates and their subscriptions.

import { UriTemplate } from '@modelcontextprotocol/sdk/shared/uriTemplate.js';
import * as mcp from '@modelcontextprotocol/sdk/types.js';

import { icon, picture } from './answers.mjs';
import { pageOf } from './pages.mjs';
import { answer } from './requests.mjs';

export const volumeUri = 'device://volume';
export const manual = { uri: 'device://manual', mimeType: 'text/plain', text: 'turn it on' };
export const logo = { uri: 'device://logo', mimeType: picture.mimeType, blob: picture.data };
const resourceNotFound = -32002;

const resources = [
  {
    uri: volumeUri, name: 'volume', title: 'The volume', description: 'From 0 to 100', mimeType: 'text/plain',
    read: (device) => ({ text: String(device.volume) }),
  },
  {
    uri: logo.uri, name: 'logo', mimeType: logo.mimeType, size: 6, icons: [icon],
    annotations: { audience: ['user'], priority: 0.2, lastModified: '2025-01-02T03:04:05Z' },
    _meta: { 'example.com/kind': 'picture' },
    read: () => ({ blob: logo.blob }),
  },
  { uri: manual.uri, name: 'manual', mimeType: 'text/plain', size: 10, read: () => ({ text: manual.text }) },
  { uri: 'device://status', name: 'status', mimeType: 'application/json', read: () => ({ text: '{"on":true}' }) },
];
const grownResource = { uri: 'device://grown', name: 'grown', mimeType: 'text/plain', read: () => ({ text: 'grown' }) };

const templates = [
  {
    uriTemplate: 'device://rooms/{room}/{reading}', name: 'reading', title: 'A reading of a room',
    description: 'What is measured in a room', mimeType: 'text/plain', icons: [icon], annotations: { priority: 0.4 },
    _meta: { 'example.com/kind': 'reading' },
    read: ({ room, reading }) => `${reading} of ${room}`,
  },
  { uriTemplate: 'device://files/{+path}', name: 'file', read: ({ path }) => `file ${path}` },
  {
    uriTemplate: 'device://find{?text,limit}', name: 'find',
    read: (found) => `found ${found.text}, at most ${found.limit}`,
  },
  { uriTemplate: 'device://floors{/floor}', name: 'floor', read: ({ floor }) => `floor ${floor}` },
].map((each) => ({ ...each, pattern: new UriTemplate(each.uriTemplate) }));

function readTemplate(uri) {
  for (const { pattern, mimeType = 'text/plain', read } of templates) {
    const matched = pattern.match(uri);
    if (!matched) continue;
    const decoded = Object.entries(matched).map(([name, value]) => [name, decodeURIComponent(value)]);
    return { mimeType, text: read(Object.fromEntries(decoded)) };
  }
  return null;
}

function read(device, uri) {
  const resource = listed(device).find((each) => each.uri === uri);
  const contents = resource ? { mimeType: resource.mimeType, ...resource.read(device) } : readTemplate(uri);
  if (!contents) throw new mcp.McpError(resourceNotFound, 'Resource not found', { uri });
  return { uri, ...contents };
}

const listed = (device) => (device.grown.resource ? [...resources, grownResource] : resources);

export function offerResources(server, { device, session }) {
  answer(server, mcp.ListResourcesRequestSchema, ({ cursor }) => {
    const { page, nextCursor } = pageOf(listed(device), cursor);
    return { resources: page.map(({ read: _, ...resource }) => resource), nextCursor };
  });
  answer(server, mcp.ListResourceTemplatesRequestSchema, ({ cursor }) => {
    const { page, nextCursor } = pageOf(templates, cursor);
    return { resourceTemplates: page.map(({ read: _, pattern, ...template }) => template), nextCursor };
  });
  answer(server, mcp.ReadResourceRequestSchema, ({ uri }) => ({ contents: [read(device, uri)] }));
  answer(server, mcp.SubscribeRequestSchema, ({ uri }) => {
    read(device, uri);
    device.subscribe(session, uri);
    return {};
  });
  answer(server, mcp.UnsubscribeRequestSchema, ({ uri }) => {
    read(device, uri);
    device.unsubscribe(session, uri);
    return {};
  });
}
