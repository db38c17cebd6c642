import './telemetry-off.js';

export * from './core/errors.js';
export * from './core/events.js';
export * from './core/frame.js';
export * from './core/stage.js';
export * from './core/telemetry.js';
export * from './core/uplink.js';
export { createUplink, type UplinkDeps } from './uplink/uplink.js';
