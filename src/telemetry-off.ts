/**
 * Import this before anything that may load onnxruntime-node, in the main thread: from 1.29 on it reports usage
 * unless this variable stands when its library is first loaded; set in a worker thread it comes too late.
 */
process.env.ORT_DISABLE_TELEMETRY = '1';
