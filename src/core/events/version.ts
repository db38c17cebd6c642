/** Version of the event union. Adding a type or an optional meaning keeps it; changing a meaning raises it. */
export const EVENT_VERSION = 1;
