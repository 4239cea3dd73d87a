import init from "/web.js";

init({ module_or_path: "/web_bg.wasm" });
