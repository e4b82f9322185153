import { addressRules } from './address.ts'

/** `2001:db8::1` (RFC 3596), in the form of RFC 5952. */
export const aaaa = addressRules(6)
