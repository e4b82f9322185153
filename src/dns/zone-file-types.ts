/**
 * The other types that zone files hold (IANA, "Resource Record (RR) TYPEs", 2026): known by name, so that a line with
 * one of them is a record that is left out, and everything else a mistake.
 */
export const OTHER_TYPES: ReadonlySet<string> = new Set(
  `AFSDB ALIAS APL AVC CDNSKEY CDS CERT CSYNC DHCID DLV DNAME DNSKEY DS EID EUI48 EUI64 GPOS HINFO HIP HTTPS IPSECKEY ISDN
   KEY KX L32 L64 LOC LP MB MD MF MG MINFO MR NAPTR NID NSAP NSEC NSEC3 NSEC3PARAM NULL NXT OPENPGPKEY PTR PX RESINFO RP
   RRSIG RT SIG SMIMEA SPF SSHFP SVCB TA TALINK TLSA URI WALLET WKS X25 ZONEMD`.split(/\s+/),
)
