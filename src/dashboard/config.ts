import * as z from '../core/zod.js';

/** Hosts on which no other machine can reach the dashboard. */
const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1)$/;

/** The `dashboard` section: where the page is served and who may see it. */
export const dashboardConfigSchema = z
  .strictObject({
    enabled: z.boolean().default(true).describe('Serve the dashboard.'),
    host: z
      .string()
      .min(1)
      .default('127.0.0.1')
      .describe('Address to listen on. Anything but loopback needs a token.'),
    port: z.int().min(0).max(65_535).default(8420).describe('TCP port; 0 takes a free one.'),
    token: z
      .string()
      .min(16)
      .nullable()
      .default(null)
      .describe('Secret a visitor must present, from the environment or a file; at least 16 characters.'),
    allowedHosts: z
      .array(z.string().min(1))
      .default([])
      .describe('Further host names under which the page may be opened (Host header, without port).'),
    historyEvents: z
      .int()
      .min(0)
      .max(10_000)
      .default(500)
      .describe('Events kept for visitors who come late; after a restart, the newest of the journal.'),
    maxClients: z.int().min(1).max(256).default(16).describe('Visitors at one time; more are refused.'),
  })
  .superRefine((dashboard, context) => {
    if (dashboard.enabled && dashboard.token === null && !LOOPBACK.test(dashboard.host)) {
      context.addIssue({
        code: 'custom',
        path: ['token'],
        message: `expected a token because "${dashboard.host}" can be reached from other machines, found none`,
      });
    }
  });

export type DashboardConfig = z.infer<typeof dashboardConfigSchema>;
