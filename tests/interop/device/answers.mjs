// What the tools' answers and schemas are put together from.

export const text = (value) => ({ content: [{ type: 'text', text: value }] });
export const json = (value) => text(JSON.stringify(value));
export const failed = (value) => ({ ...text(value), isError: true });
export const object = (properties = {}, required = []) => ({ type: 'object', properties, required });

const base64 = (...bytes) => Buffer.from(bytes).toString('base64');

/** Not a whole picture: bytes that no text survives. */
export const picture = { mimeType: 'image/png', data: base64(0x89, 0x50, 0x4e, 0x47, 0x00, 0xff) };
export const sound = { mimeType: 'audio/wav', data: base64(0x52, 0x49, 0x46, 0x46, 0x00, 0xff) };
export const icon = { src: 'https://example.com/device.png', mimeType: 'image/png', sizes: ['48x48'] };
