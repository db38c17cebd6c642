/** Version of the dashboard's messages. A visitor that meets another version reloads the page. */
export const PROTOCOL_VERSION = 3;

/** Path of the WebSocket. */
export const SOCKET_PATH = '/live';

/** Where kept clips are asked for, by their names. */
export const CLIPS_PATH = '/clips/';
