declare module '@cloudflare/kumo/styles/standalone'
declare module '*.css'
