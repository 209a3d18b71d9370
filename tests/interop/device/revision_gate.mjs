// What a session's revision does not have never leaves, whatever the SDK makes, and is no thing for a
// client to send. The tools are written for the newest revision; this stands between them and MQTT.

import { SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js';

const newest = SUPPORTED_PROTOCOL_VERSIONS[0];

/** The object without some members. */
function without(value, ...names) {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.includes(name)));
}

const textOf = (content) => ({ type: 'text', text: content });

export class RevisionGate {
  /** Until initialize asks for another one. */
  revision = newest;
  #methods = new Map();

  /** `breach` ({ rule, text }) for what a client of this revision must not send. */
  constructor(breach) {
    this.breach = (text) => breach({ rule: 'revision', text: `${this.revision}: ${text}` });
  }

  incoming(message) {
    const { id, method, params } = message;
    if (id !== undefined && method !== undefined) this.#methods.set(id, method);
    if (method === 'initialize') {
      if (SUPPORTED_PROTOCOL_VERSIONS.includes(params.protocolVersion)) this.revision = params.protocolVersion;
      this.#judgeClient(params);
    }
    if (this.#before('2025-06-18') && params?.context) this.breach(`${method} with context`);
    if (this.#before('2025-11-25') && (params?.task || method?.startsWith('tasks/'))) this.breach(`${method}: tasks`);
    if (this.#before('2025-03-26') && method === 'notifications/progress' && params.message) this.breach('progress with a message');
  }

  /** The message as the revision has it; throws for what it has not at all. */
  outgoing(message) {
    const { method, params } = message;
    if (method !== undefined) {
      this.#refuse(method, params);
      if (method === 'notifications/progress' && this.#before('2025-03-26')) {
        return { ...message, params: without(params, 'message') };
      }
      if (method === 'elicitation/create') return { ...message, params: this.#form(params) };
      return message;
    }
    const asked = this.#methods.get(message.id);
    this.#methods.delete(message.id);
    if (!message.result) return message;
    return { ...message, result: this.#result(asked, message.result) };
  }

  hasBatches() {
    return this.revision === '2025-03-26';
  }

  #before(revision) {
    return this.revision < revision;
  }

  #judgeClient({ capabilities, clientInfo }) {
    const lacks = (what, has) => {
      if (has) this.breach(`initialize with ${what}`);
    };
    if (this.#before('2025-06-18')) {
      lacks('elicitation', capabilities.elicitation);
      lacks('clientInfo.title', clientInfo.title);
    }
    if (this.#before('2025-11-25')) {
      lacks('tasks', capabilities.tasks);
      lacks('sampling.tools', capabilities.sampling?.tools);
      lacks('elicitation.url', capabilities.elicitation?.url);
      for (const name of ['icons', 'description', 'websiteUrl']) lacks(`clientInfo.${name}`, clientInfo[name]);
    }
  }

  #refuse(method, params) {
    const lacks = (revision, what) => {
      if (this.#before(revision)) throw new Error(`revision ${this.revision} has no ${what}`);
    };
    if (method === 'elicitation/create') lacks('2025-06-18', 'elicitation');
    if (params?.mode === 'url') lacks('2025-11-25', 'elicitation in url mode');
    if (params?.tools || params?.toolChoice) lacks('2025-11-25', 'sampling with tools');
    if (params?.task) lacks('2025-11-25', 'tasks');
    const properties = Object.values(params?.requestedSchema?.properties ?? {});
    if (properties.some(({ type }) => type === 'array')) lacks('2025-11-25', 'multiple choices');
    const contents = (params?.messages ?? []).flatMap((each) => each.content);
    if (contents.some(({ type }) => type === 'audio')) lacks('2025-03-26', 'audio');
  }

  /** Forms were simpler before 2025-11-25. */
  #form(params) {
    if (!this.#before('2025-11-25')) return params;
    const simple = (field) => {
      const kept = field.type === 'boolean' ? field : without(field, 'default');
      if (!field.oneOf) return kept;
      const [values, names] = ['const', 'title'].map((part) => field.oneOf.map((option) => option[part]));
      return { ...without(kept, 'oneOf'), enum: values, enumNames: names };
    };
    const fields = Object.entries(params.requestedSchema.properties).map(([name, field]) => [name, simple(field)]);
    const requestedSchema = { ...params.requestedSchema, properties: Object.fromEntries(fields) };
    return { ...without(params, 'mode'), requestedSchema };
  }

  #result(method, result) {
    const listed = (name, ...since) => ({ ...result, [name]: result[name].map((each) => this.#described(each, since)) });
    switch (method) {
      case 'initialize': return this.#greeting(result);
      case 'tools/list':
        return listed('tools', ['2025-03-26', 'annotations'], ['2025-06-18', 'outputSchema'], ['2025-11-25', 'execution']);
      case 'resources/list': return listed('resources');
      case 'resources/templates/list': return listed('resourceTemplates');
      case 'prompts/list': return listed('prompts');
      case 'prompts/get':
        return { ...result, messages: result.messages.map((each) => ({ ...each, content: this.#content(each.content) })) };
      case 'tools/call': {
        if (!result.content) return result;
        const known = { ...result, content: result.content.map((each) => this.#content(each)) };
        return this.#before('2025-06-18') ? without(known, 'structuredContent') : known;
      }
      default: return result;
    }
  }

  #greeting(result) {
    let { capabilities, serverInfo } = result;
    if (this.#before('2025-03-26')) capabilities = without(capabilities, 'completions');
    if (this.#before('2025-06-18')) serverInfo = without(serverInfo, 'title');
    if (this.#before('2025-11-25')) {
      capabilities = without(capabilities, 'tasks');
      serverInfo = without(serverInfo, 'icons', 'description', 'websiteUrl');
    }
    return { ...result, capabilities, serverInfo };
  }

  /** A tool, resource, template or prompt; `since`: members of this kind alone, with their revision. */
  #described(value, since = []) {
    const all = [['2025-06-18', 'title', '_meta'], ['2025-11-25', 'icons'], ...since];
    const lacking = all.flatMap(([revision, ...names]) => (this.#before(revision) ? names : []));
    const known = without(value, ...lacking);
    if (known.annotations) known.annotations = this.#annotations(known.annotations);
    if (known.arguments) known.arguments = known.arguments.map((each) => this.#described(each));
    return known;
  }

  #annotations(annotations) {
    return this.#before('2025-06-18') ? without(annotations, 'lastModified') : annotations;
  }

  #content(content) {
    if (content.type === 'audio' && this.#before('2025-03-26')) return textOf(`[${content.mimeType}]`);
    if (content.type === 'resource_link' && this.#before('2025-06-18')) return textOf(content.uri);
    return this.#described(content);
  }
}
