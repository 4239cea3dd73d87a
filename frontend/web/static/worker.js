// Does one job of the page off its thread. The module is large, and only loaded where there is such a job.
import init, { check, look, propose, slips, template } from "./worker_module.js";

const jobs = {
  check: ({ bytes, request }) => check(bytes, request, (rows) => self.postMessage({ parsed: rows })),
  look: ({ bytes, request }) => look(bytes, request),
  propose: ({ bytes, request }) => propose(bytes, request),
  slips: ({ bytes }) => slips(bytes),
  template: ({ request }) => template(request),
};

self.onmessage = async ({ data }) => {
  try {
    await init({ module_or_path: new URL("./worker_module_bg.wasm", import.meta.url) });
    self.postMessage({ result: jobs[data.job](data) });
  } catch (error) {
    // What a program that gave up says of itself helps nobody.
    self.postMessage(error instanceof WebAssembly.RuntimeError ? {} : { error: String(error?.message ?? error) });
  }
};
