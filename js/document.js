/**
 * What we need of the document, from its interfaces: elements of the page may go by the names of its members
 * (https://html.spec.whatwg.org/multipage/dom.html#dom-document-nameditem), and would be found in their place.
 */

/** @type {any} */
const {Document, Node, document} = globalThis;

/**
 * @param {any} Interface
 * @param {string} name
 */
const read = (Interface, name) =>
  document && Object.getOwnPropertyDescriptor(Interface.prototype, name)?.get?.call(document);

/** @returns {string | undefined} where the script is from that is just being run; nothing where there is no document */
export const scriptURL = () => read(Document, 'currentScript')?.src;

/** @returns {string} what URLs are relative to */
export const baseURL = () => read(Node, 'baseURI') ?? location.href;

/** Whether the page is hidden. */
export const isHidden = () => read(Document, 'hidden');

/** Waits until a page is shown that is prerendered: until then, its frames do not load. */
export const shown = async () => {
  if (!read(Document, 'prerendering')) return;
  const {addEventListener} = EventTarget.prototype;
  await new Promise((resolve) => addEventListener.call(document, 'prerenderingchange', resolve, {once: true}));
};

/** @returns {HTMLIFrameElement} */
export const createFrame = () => Document.prototype.createElement.call(document, 'iframe');

/** @param {HTMLElement} element that is no part of the body, which applications empty */
export const append = (element) => read(Document, 'documentElement').append(element);
