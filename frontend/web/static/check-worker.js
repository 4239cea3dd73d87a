// Checks one roster off the page's thread, with the very module that draws the page.
import init, { check } from "/web.js";

self.onmessage = async ({ data }) => {
  try {
    await init({ module_or_path: "/web_bg.wasm" });
    const report = check(data.bytes, data.request, (rows) => self.postMessage({ parsed: rows }));
    self.postMessage({ report });
  } catch (error) {
    self.postMessage({ error: String(error?.message ?? error) });
  }
};
