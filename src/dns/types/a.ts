import { addressRules } from './address.ts'

/** `192.0.2.1` (RFC 1035 §3.4.1). */
export const a = addressRules(4)
