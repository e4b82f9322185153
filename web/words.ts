import { brand } from './brand.ts'

/** Every text of the pages, in one place. For the owner of a shop: short, plain, no blame. */
export const words = {
  product: brand.name,
  titles: {
    login: 'Sign in',
    domains: 'Domains',
    confirm: 'Review DNS Changes',
    live: 'Going live',
    history: 'History',
    account: 'Account',
    undo: 'Undo a change',
    health: 'Health',
    fix: 'Fix it',
    zoneFile: 'Import & export',
    importReview: 'Review the import',
    notFound: 'Page not found',
    arrival: 'Switch account?',
  },

  shell: {
    skip: 'Skip to the content',
    signOut: 'Sign out',
    account: (email: string) => `Signed in as ${email}`,
    dismiss: 'Dismiss',
    messages: 'Messages',
    support: 'Get help',
    navigation: 'Pages',
    loading: 'Loading',
  },

  faults: {
    unreachable: 'We cannot reach the server. Check your internet connection, then try again.',
    broken:
      'Something went wrong on our side. If you were saving a change, check the list before trying again.',
    crashed:
      'Something went wrong on this page. If you were saving a change, check the list after you reload it.',
    away: 'This dashboard is unavailable for a moment. Your DNS records and your store are not affected.',
    byItself: 'This page tries again by itself.',
    offline:
      'You are offline. What you see may be old, and nothing can be changed until the connection is back.',
    reload: 'Load the page again',
    tryAgain: 'Try again',
    wait: (seconds: number) => `Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
    ready: 'You can try again now.',
  },

  login: {
    heading: 'Sign in',
    intro: 'Connect your domain to your store, and look after its DNS records.',
    email: 'E-mail address',
    password: 'Password',
    submit: 'Sign in',
    ended: 'You were signed out. That happens after 30 minutes without use. Sign in to go on.',
    missing: { email: 'Enter your e-mail address.', password: 'Enter your password.' },
  },

  arrival: {
    heading: 'Switch to another account?',
    text: (now: Who, next: Who) =>
      `You are signed in as ${now.email}, for ${now.domain}. The link that you followed is for ${next.email}, for ${next.domain}.`,
    warning: (next: Who) =>
      `Go on only if ${next.email} is you. Whatever you connect or change after that belongs to that account. If somebody sent you the link, stay where you are.`,
    goOn: 'Switch account',
    stay: 'Stay signed in as you are',
  },

  notFound: {
    heading: 'There is no page here',
    text: 'The address may be mistyped, or the page has moved.',
    back: 'Go to your domains',
  },

  doors: {
    heading: 'Cloudflare DNS Management',
    intro: 'Connect your Cloudflare account to manage DNS records directly from this dashboard.',
    nothingYet: (domain: string) =>
      `We look at the records of ${domain} first, show you what would change, and change nothing until you confirm.`,
    oauth: {
      heading: 'Sign in with Cloudflare',
      text: 'The quick way. Cloudflare asks you what to allow, then brings you back.',
      reach: (domain: string) =>
        `Reaches the DNS records of every domain in the account you choose. We only ever touch ${zoneOf(domain)}.`,
      steps: (domain: string) => [
        'Sign in at Cloudflare.',
        `Choose the account that holds ${domain}, and allow the access.`,
        'You come back here and see what would change.',
      ],
      button: 'Connect Cloudflare',
    },
    token: {
      heading: 'Use an API token',
      text: 'The careful way, and a minute longer. An API token is a password for one task.',
      reach: (domain: string) => `Reaches ${zoneOf(domain)} alone, if you choose only that at Cloudflare.`,
      steps: (domain: string) => [
        `Under "Zone Resources", choose ${zoneOf(domain)}.`,
        'Create the token, copy it, and paste it here.',
      ],
      open: 'Open the form at Cloudflare',
      filledIn: '; it is filled in already.',
      newTab: '(opens in a new tab)',
      label: 'API token',
      missing: 'Paste the token that Cloudflare shows you.',
      button: 'Connect with token',
      done: 'Cloudflare is connected.',
    },
    signUp: { question: "Don't have Cloudflare?", link: 'Sign up free' },
  },

  handOff: {
    question: 'Does somebody else look after your domain?',
    text: 'Send them these lines. They need no access to this page, and you give away no password.',
    label: 'What to send',
    subject: (domain: string) => `DNS records for ${domain}`,
    opening: (domain: string) => `Please set these DNS records, so that ${domain} shows our store:`,
    closing:
      'Remove any other A, AAAA and CNAME records for these names. Leave everything else, such as mail records, unchanged.',
    copy: 'Copy',
    copied: 'Copied.',
    notCopied: 'Your browser did not let us copy; mark the text and copy it yourself.',
    mail: 'Write an e-mail',
  },

  zoneMissing: {
    heading: 'We cannot find your domain yet',
    message: (domain: string) => `Domain not found. Make sure ${domain} is added to your Cloudflare account.`,
    steps: (domain: string) => [
      `Sign in to Cloudflare and look for ${domain}. If it is missing, add it there.`,
      'If it is there, this connection may not see it: connect the account that holds it, or allow this domain.',
      'Then check again.',
    ],
    again: 'Check again',
    other: 'Connect in another way',
    open: 'Open Cloudflare',
  },

  reconnect: {
    heading: 'Reconnect Cloudflare',
    text: 'Cloudflare no longer accepts our access, so records cannot be changed here. Your records and your store are not affected. Below is what we saw last.',
  },

  reviewPending: {
    heading: 'One step left',
    text: (domain: string) =>
      `Cloudflare is connected. Review what has to change so that ${domain} shows your store.`,
    button: 'Review DNS changes',
  },

  notLive: {
    pending: {
      heading: (zone: string) => `${zone} does not use Cloudflare yet`,
      text: (zone: string, nameServers: readonly string[]) =>
        `Go to where you registered ${zone}, and set its name servers to ${nameServers.join(' and ')}. Until then the records below have no effect. It can take a day; Sync looks again.`,
    },
    elsewhere: (domain: string) => `${domain} does not lead to your store`,
    partly: (domain: string) => `Some visitors of ${domain} do not reach your store`,
    remedy:
      'A record points somewhere else, or is missing. See what would fix it; nothing is changed until you confirm.',
    steps: 'See how far it is, step by step',
  },

  review: {
    heading: 'Review DNS Changes',
    found: (domain: string) =>
      `We found existing DNS records for ${domain}. Review the changes below before proceeding.`,
    foundNone: (domain: string) =>
      `There are no DNS records for ${domain} yet. Review the changes below before proceeding.`,
    existing: 'Existing records',
    added: 'New records',
    proposed: 'Proposed changes',
    nothing: 'Nothing is ticked, so nothing would change.',
    actions: { add: 'ADD', replace: 'REPLACE', delete: 'DELETE', keep: 'KEEP' },
    explained: {
      add: 'This record is added.',
      replace: 'This record is updated.',
      delete: 'This record is removed.',
      keep: 'This record stays as it is.',
    },
    becomes: 'becomes',
    row: (action: string, type: string, name: string) => `${action} ${type} record for ${name}`,
    together: 'These belong together: they are ticked together.',
    yourServer: 'your server',
    summary: {
      to: (type: string, name: string, content: string) => `${type} record for ${name} → ${content}`,
      removed: (type: string, name: string, content: string) =>
        `${type} record for ${name} (${content}) is removed`,
    },
    marked: 'Records marked REPLACE will be updated, and those marked DELETE removed.',
    markedReplace: 'Records marked REPLACE will be updated.',
    preserved: 'MX and TXT records will be preserved.',
    showMore: (left: number) => `Show more changes (${left} left)`,
    showKept: (count: number) => `Show all ${count} records that stay`,
    tickAll: (count: number) => `Tick the other ${count} rows too`,
    cancel: 'Cancel',
    confirm: 'Confirm & Connect',
    applying: 'Applying the changes at Cloudflare…',
    checking:
      'Cloudflare has not confirmed the changes yet. We are checking; this can take up to two minutes.',
    outdated:
      'The records at Cloudflare changed while you were reading, or it took more than half an hour. Nothing was changed. This is the new list; please review it again.',
    warnings: 'Good to know',
    blocked: 'This cannot be done yet',
    checkAgain: 'Check again',
    nothingToDo: {
      heading: 'Nothing has to change',
      text: (domain: string) => `${domain} already points to your store.`,
      button: 'Go to the records',
    },
    applied: (count: number) => `${count} ${count === 1 ? 'change was' : 'changes were'} made.`,
    points: (domain: string) =>
      `${domain} now points to your store; it can take a few minutes until all visitors see it.`,
    appliedNothing: 'Nothing was changed. Cloudflare is connected.',
  },

  history: {
    heading: 'History',
    lead: 'What was changed at your domain, here and elsewhere. Undo shows you first what it would put back.',
    today: 'Today',
    yesterday: 'Yesterday',
    actors: {
      customer: (label: string) => `Here, by ${label}`,
      outside: (_: string) => 'Elsewhere, at Cloudflare itself or by another program',
      caller: (label: string) => `By ${label}, which keeps this record as it is`,
      system: (_: string) => 'By us, to keep a record as it was declared',
    },
    undo: 'Undo',
    before: 'Before:',
    after: 'After:',
    notes: {
      proxied: 'now proxied',
      notProxied: 'no longer proxied',
      ttl: (ttl: string) => `TTL now ${ttl}`,
      comment: 'comment changed',
      added: 'added',
      deleted: 'deleted',
    },
    leftOut: 'Too many records to be shown here.',
    showMore: (more: number, all: number) => `Show ${more} more of ${all}`,
    none: {
      heading: 'Nothing was changed yet',
      text: 'Every change of your DNS records is kept here: what was there before, what came after, and who did it. From here you can take a change back.',
      link: 'Go to the records',
    },
  },

  older: { more: 'Show older ones', end: 'Nothing older is kept.' },

  account: {
    heading: 'Account',
    cloudflare: {
      heading: 'Cloudflare',
      text: 'Disconnecting takes our access away, and deletes our copy of your records. The records themselves and your store stay as they are.',
      notConnected: 'Not connected.',
      toDomain: 'Go to your domain',
    },
    lead: (email: string, domain: string) => `You are signed in as ${email}, for ${domain}.`,
    everywhere: {
      heading: 'Sign out everywhere',
      text: 'Ends every session of yours, this one too: on other computers, phones, and wherever you forgot to sign out.',
      button: 'Sign out everywhere',
    },
    happened: 'What happened here',
    hint: 'If something below was not you, sign out everywhere and change your password with whoever gave it to you.',
    from: (browser: string, address: string) => `${browser}, from ${address}`,
    events: {
      'signed-in': () => 'Signed in with the password',
      'signed-in-from-host': () => 'Signed in from your host’s website',
      'sign-in-failed': () => 'Somebody tried to sign in with a wrong password',
      'signed-out-everywhere': () => 'Signed out everywhere',
      connected: (door: string | undefined) => `Connected Cloudflare ${doorWords(door)}`,
      reconnected: (door: string | undefined) => `Connected Cloudflare again ${doorWords(door)}`,
      disconnected: () => 'Disconnected Cloudflare',
      confirmed: () => 'Confirmed a review of DNS changes',
      changed: () => 'Changed a DNS record',
    },
  },

  health: {
    heading: 'Health',
    lead: 'What your DNS records alone can tell about mail, certificates and the safety of your site.',
    readAt: 'Based on records synced',
    severities: {
      broken: 'Does not work',
      risky: 'May cause trouble',
      advice: 'Could be better',
    },
    consequence: 'Why it matters:',
    remedy: 'What to do:',
    records: (shown: number, all: number) => {
      if (shown < all) return `Show the first ${shown} of ${all} records`
      return all === 1 ? 'Show the record' : `Show the ${all} records`
    },
    more: (count: number) =>
      `There is more: ${count} further ${count === 1 ? 'finding' : 'findings'}. These come first; the others show when there are fewer.`,
    fix: 'Review the fix',
    fixThis: (message: string) => `Review the fix: ${message}`,
    none: {
      heading: 'Nothing to fix',
      text: 'We looked for records that keep mail from arriving, certificates from being issued, or your server from being protected, and found none.',
    },
    notConnected: {
      heading: 'Connect Cloudflare first',
      text: 'As soon as your domain is connected, this page tells you whether something about its records is wrong.',
    },
    toRecords: 'Go to your domain',
  },

  fix: {
    lead: 'This is what would change. Nothing is changed until you confirm.',
    confirm: 'Confirm changes',
    done: (count: number) =>
      count === 0
        ? 'Nothing was changed.'
        : `Fixed: ${count} ${count === 1 ? 'change' : 'changes'} made at Cloudflare. It can take a few minutes until all visitors see it.`,
    nothing: {
      heading: 'There is nothing left to fix here',
      text: 'The records have changed since this was found.',
    },
    back: 'Go to Health',
  },

  zoneFile: {
    heading: 'Import & export',
    lead: 'A zone file is a plain text that holds all DNS records of a domain. Most DNS providers can read and write one.',
    export: {
      heading: 'Export',
      text: (domain: string) =>
        `All records of ${domain} in one file, to keep or to take elsewhere. It holds nothing secret.`,
      button: 'Download the zone file',
    },
    import: {
      heading: 'Import',
      text: 'Bring records in from a zone file. You see first what would change. The records that the file has of a name and type replace yours of that name and type. TXT records are different: yours stay unless you tick them, but a new SPF, DMARC or DKIM record replaces the old one. Everything else stays as it is.',
      file: 'Choose a zone file',
      fileHint: 'Up to 256 kB, as your last provider exports it.',
      paste: 'Or paste its text',
      pasteHint: 'For example: www 300 IN A 192.0.2.1',
      button: 'Preview',
      missing: 'Choose a zone file, or paste its text.',
      tooLarge: 'The file is larger than 256 kB. Divide it, and bring in one part after the other.',
      unreadable: 'The file could not be read. Choose it again.',
      problems: (count: number) =>
        count === 1
          ? 'One line cannot be read'
          : `${count} lines ${count < 100 ? '' : 'or more '}cannot be read`,
      problemsText: 'Nothing was changed. Correct these in the text below, then preview again.',
      more: (count: number) => `And ${count} more.`,
      notNow: 'Records can be brought in once Cloudflare is connected and the review is confirmed.',
    },
    review: {
      lead: 'This is what the file would change. Nothing is changed until you confirm.',
      confirm: 'Confirm import',
      done: (count: number) =>
        count === 0
          ? 'Nothing was changed.'
          : `Imported: ${count} ${count === 1 ? 'change' : 'changes'} made at Cloudflare. It can take a few minutes until all visitors see it.`,
      moreToCome: 'Preview the file again for the rest of it.',
      nothing: {
        heading: 'There is nothing to import',
        text: 'Your domain holds everything that the file has already.',
      },
      back: 'Back to the file',
    },
  },

  undo: {
    link: 'Undo',
    lead: (at: string) =>
      `This puts back what was there before the change of ${at}. Review it below; nothing is changed until you confirm.`,
    confirm: 'Confirm undo',
    done: (count: number) =>
      `The change was taken back: ${count} ${count === 1 ? 'record' : 'records'} put as before. It can take a few minutes until all visitors see it.`,
    doneNothing: 'Nothing was changed.',
    back: 'Go to the history',
    nothing: {
      heading: 'There is nothing to undo',
      text: 'The records are as they were before this change.',
    },
    gone: {
      heading: 'This change cannot be undone here',
      text: 'It is not in your history any more, or it was made by a program that keeps its records as they are.',
    },
  },

  records: {
    heading: 'DNS Records',
    intro: 'DNS records tell browsers and mail servers where to find your domain.',
    add: 'Add Record',
    columns: { type: 'Type', name: 'Name', content: 'Content', proxied: 'Proxied', actions: 'Actions' },
    proxied: { yes: 'Yes', no: 'No', none: '–', noneSaid: 'not possible' },
    edit: 'Edit',
    delete: 'Delete',
    editThis: (type: string, name: string) => `Edit ${type} record for ${name}`,
    deleteThis: (type: string, name: string) => `Delete ${type} record for ${name}`,
    locked: 'Locked',
    pick: (type: string, name: string, content: string) => `Select ${type} record for ${name}, ${content}`,
    pickAll: (count: number) => `Select all ${count} records that are shown`,
    picked: {
      count: (count: number) => `${count} ${count === 1 ? 'record' : 'records'} selected.`,
      most: (most: number) => `At most ${most} can be deleted at once.`,
      clear: 'Clear selection',
      remove: (count: number) => (count === 1 ? 'Delete 1 record' : `Delete ${count} records`),
    },
    ifItGoes: 'Without it:',
    ttl: (ttl: string) => `TTL, how long others may remember it: ${ttl}`,
    comment: (comment: string) => `Comment: ${comment}`,
    deletedAll: (count: number) => `${count} ${count === 1 ? 'record was' : 'records were'} deleted.`,
    priority: (priority: number) => `Priority ${priority}`,
    search: 'Search records',
    searchHint: 'Search by name or content',
    filter: 'Type',
    filterAll: 'All types',
    sort: 'Sort by',
    sorted: (column: string, descending: boolean) => `${column} ${descending ? 'Z–A' : 'A–Z'}`,
    count: (shown: number, all: number) =>
      shown === all ? `${all} ${all === 1 ? 'record' : 'records'}` : `${shown} of ${all} records`,
    none: {
      heading: 'No records yet',
      text: 'A DNS record tells the internet where something of yours is: an A record where your site is, an MX record where your mail goes. Add the first one, or sync to read what is at Cloudflare.',
    },
    noMatch: {
      heading: 'No record matches',
      text: 'Search for a part of a name, such as www, or of what it leads to, such as 192.0.2.',
      clear: 'Show all records',
    },
    connected: 'Connected to Cloudflare',
    disconnected: 'Not connected',
    synced: 'Last synced:',
    neverSynced: 'Not synced yet',
    sync: 'Sync',
    syncing: 'Syncing…',
    syncDone: 'The list is up to date with Cloudflare.',
    disconnect: 'Disconnect',
    checking: (what: string) => `${what}: Cloudflare has not confirmed it yet. We are checking.`,
    checkFailed: (what: string) => `${what}: Cloudflare did not make this change.`,
    checkDone: (what: string) => `${what}: done.`,
    created: (type: string, name: string) => `The ${type} record for ${name} was added.`,
    updated: (type: string, name: string) => `The ${type} record for ${name} was saved.`,
    deleted: (type: string, name: string) => `The ${type} record for ${name} was deleted.`,
    notYours: 'This record can only be changed at Cloudflare.',
  },

  form: {
    addTitle: 'Add record',
    editTitle: (type: string) => `Edit ${type} record`,
    type: 'Type',
    types: {
      A: 'sends visitors to an IPv4 address',
      AAAA: 'sends visitors to an IPv6 address',
      CNAME: 'lets a name follow another name',
      MX: 'says where mail for the domain goes',
      TXT: 'holds a text, for verification, SPF or DKIM',
    },
    name: 'Name',
    nameHint: 'Use @ for the domain itself.',
    content: {
      A: 'IPv4 address',
      AAAA: 'IPv6 address',
      CNAME: 'Target',
      MX: 'Mail server',
      TXT: 'Text',
    },
    example: {
      A: 'For example 192.0.2.1',
      AAAA: 'For example 2001:db8::1',
      CNAME: 'For example shop.example.net',
      MX: 'For example mail.example.net',
      TXT: 'For example v=spf1 include:example.net -all',
    },
    priority: 'Priority',
    priorityHint: 'The lowest number is tried first.',
    proxied: 'Proxied',
    proxiedHint: 'Visitors pass through Cloudflare, which hides the address of the server.',
    proxiedNot: 'Cloudflare cannot stand in front of this record.',
    ttl: 'TTL',
    ttlHint: 'How long others may remember this record.',
    ttlProxied: 'Cloudflare chooses the TTL of proxied records.',
    automatic: 'Automatic',
    ttls: {
      60: '1 minute',
      120: '2 minutes',
      300: '5 minutes',
      600: '10 minutes',
      900: '15 minutes',
      1800: '30 minutes',
      3600: '1 hour',
      7200: '2 hours',
      18000: '5 hours',
      43200: '12 hours',
      86400: '1 day',
    } as Readonly<Record<number, string>>,
    seconds: (count: number) => `${count} seconds`,
    preview: 'Will be saved as',
    previewNone: 'You see it here when the fields above are filled in.',
    previewTtl: (ttl: string) => `TTL: ${ttl}.`,
    previewProxied: 'Proxied by Cloudflare.',
    current: 'At Cloudflare now',
    advice: {
      short: (host: string, zone: string) =>
        `"${host}" is a whole name of its own, without a dot. If you mean ${host}.${zone}, write that.`,
      spf: (content: string) =>
        `There is an SPF record for this name already: "${content}". Mail servers accept only one. Edit that one instead, so that it holds what both say.`,
      spfJoin: 'Put both into one',
      dmarc: (content: string) =>
        `There is a DMARC record already: "${content}". Mail servers accept only one, and most providers only ask that there is one. Keep it, or edit that one instead.`,
      instead: 'Edit that one',
      mail: (name: string, hosts: readonly string[]) =>
        `Mail for ${name} goes to ${hosts.join(' and ')} so far. If you change your provider, delete those MX records once the new ones are there: while both are, mail may arrive at either.`,
    },
    save: 'Save',
    add: 'Add record',
    saving: 'Saving…',
    cancel: 'Cancel',
    close: 'Close',
    checking:
      'Cloudflare has not confirmed this yet. We are checking; this can take up to two minutes, and you may close this window.',
    unsaved: 'Discard what you have changed?',
    discard: 'Discard',
    keepEditing: 'Keep editing',
  },

  remove: {
    title: (type: string) => `Delete this ${type} record?`,
    button: 'Delete record',
    cancel: 'Keep it',
    deleting: 'Deleting…',
    consequence: {
      address: (name: string) => `Visitors may no longer find ${name}.`,
      oneFamily: (name: string) => `Only visitors with IPv6 still find ${name}.`,
      oneOfSeveral: (name: string) => `Other records still answer for ${name}; visitors use those.`,
      mailHost: (name: string) =>
        `Mail for ${name} can no longer be delivered: this is the address of its mail server.`,
      alias: (name: string) => `${name} no longer leads anywhere, and what uses it stops working.`,
      wildcard: 'Names without records of their own stop working.',
      lastMail: (name: string) => `Mail for ${name} can no longer be delivered.`,
      mail: (name: string) => `Mail for ${name} goes to the other mail servers only.`,
      spf: (name: string) => `Mail that you send as ${name} may be taken for spam.`,
      dkim: 'Mail that you send may be taken for spam, because its signature can no longer be checked.',
      dmarc: 'Receivers no longer know what to do with mail that pretends to come from you.',
      verification: 'A service that checks by this record that the domain is yours may stop working.',
      other: 'What uses this record stops working.',
    },
    store: 'Your store is reached by this name.',
  },

  removeAll: {
    title: (count: number) => (count === 1 ? 'Delete this record?' : `Delete these ${count} records?`),
    intro: 'They are deleted at Cloudflare together, as one change: all of them, or none.',
    going: 'What is deleted',
    more: (count: number) => `And so on, for ${count} more.`,
    stops: 'What stops',
    brakes: {
      'last-mx': 'The last mail server of a name is among them: its mail can no longer be delivered.',
      'too-many-names': 'These are records of more than ten names.',
      'too-large-a-part': 'This is a large part of all your records.',
      'zone-ns': 'The name servers of the domain itself are among them.',
    },
    sure: 'I want to delete them.',
    button: (count: number) => (count === 1 ? 'Delete 1 record' : `Delete ${count} records`),
    cancel: 'Keep them',
    what: (count: number) => `Delete ${count} records`,
  },

  purpose: {
    store: (name: string) => `Leads visitors of ${name} to your store.`,
    address: (name: string) => `Leads visitors of ${name} to this server.`,
    addressV6: (name: string) => `Leads visitors of ${name} who have IPv6 to this server.`,
    mailHost: 'The address of your mail server.',
    wildcard: (name: string) => `Answers for every name below ${name} that has no record of its own.`,
    alias: (name: string, content: string) => `${name} leads wherever ${content} leads.`,
    mail: {
      only: (name: string) => `Mail for ${name} goes to this server.`,
      first: (name: string) => `Mail for ${name} goes to this server first.`,
      later: (name: string) => `Takes mail for ${name} while the servers before it do not answer.`,
      none: (name: string) => `Says that ${name} takes no mail.`,
    },
    spf: (name: string) => `Lists who may send mail as ${name} (SPF).`,
    dmarc: 'Tells receivers what to do with mail that pretends to come from you (DMARC).',
    dkim: 'Lets receivers check the signature of the mail that you send (DKIM).',
    dkimKey: 'The key by which the signature of the mail that you send is checked (DKIM).',
    mailSafety: 'Asks other mail servers to deliver your mail encrypted.',
    certificate: 'Proves that the domain is yours when a certificate is issued.',
    proof: 'Proves to a service that the domain is yours.',
    proofFor: (service: string) => `Proves to ${service} that the domain is yours.`,
    text: 'A text that a service reads.',
    types: {
      CAA: 'Says who may issue certificates for the domain.',
      NS: 'Hands this name over to other name servers.',
      SRV: 'Tells apps where to find a service, such as calls or chat.',
      HTTPS: 'Tells browsers how to connect.',
      SVCB: 'Tells apps how to connect.',
      PTR: 'Gives the name for an address.',
      TLSA: 'Tells mail servers which certificate to expect.',
      DS: 'Signs the hand-over of a name to other name servers.',
    } as Readonly<Record<string, string>>,
    other: 'Read by services, not by visitors.',
  },

  disconnect: {
    title: 'Disconnect Cloudflare?',
    text: 'Your records stay at Cloudflare as they are, and your store stays online. We delete our access and our copy of the list at once. To change records here again, you connect again.',
    token: 'If you connected with an API token, delete it at Cloudflare as well:',
    tokenLink: 'your API tokens',
    button: 'Disconnect',
    cancel: 'Stay connected',
    done: 'Cloudflare is disconnected. Our access and our copy of your records are deleted.',
  },

  live: {
    looking: 'Checking whether visitors reach your store',
    patience: 'We are asking name servers and your server. This can take some seconds.',
    overall: {
      live: {
        heading: (domain: string) => `${domain} is live`,
        text: 'Visitors who open it arrive at your store.',
      },
      unseen: {
        heading: (domain: string) => `${domain} should be live`,
        text: 'Everything that we can see from here is as it should be.',
      },
      waiting: {
        heading: (domain: string) => `${domain} is on its way`,
        text: 'There is nothing you need to do. You may close this page; it goes on by itself.',
      },
      attention: {
        heading: (domain: string) => `${domain} is not live yet`,
        text: 'Something has to be done first: see the step that is marked below.',
      },
    },
    steps: {
      saved: 'Saved at Cloudflare',
      served: 'Shown by the name servers of the domain',
      reachable: 'Visitors arrive at your store',
    },
    progress: {
      done: 'done',
      now: 'under way',
      failed: 'needs your attention',
      later: 'not yet',
      unknown: 'not checked',
    },
    done: {
      saved: (name: string, ends: readonly string[]) => `The records lead ${name} to ${ends.join(', ')}.`,
      served: (name: string, _ends: readonly string[]) => `The name servers answer for ${name} with that.`,
      reachable: (name: string, _ends: readonly string[]) => `We opened ${name}, and arrived at your store.`,
      reachableByHttp: (name: string, _ends: readonly string[]) =>
        `We opened http://${name}, and arrived at your store. Whether https works was not checked.`,
    },
    notChecked: 'Not checked.',
    until: (time: string) => `By ${time} at the latest, everybody sees it.`,
    open: (domain: string) => `Open https://${domain}`,
    records: 'Go to the records',
    checked: 'Checked',
    notNow: 'We cannot check at the moment.',
    again: 'We keep checking while this page is open.',
  },

  ago: {
    now: 'just now',
    minutes: (count: number) => `${count} min ago`,
    hours: (count: number) => `${count} h ago`,
    days: (count: number) => `${count} ${count === 1 ? 'day' : 'days'} ago`,
  },
} as const

interface Who {
  readonly email: string
  readonly domain: string
}

function doorWords(door: string | undefined): string {
  return door === 'token' ? 'with an API token' : 'by signing in there'
}

/** What Cloudflare lists: a store on a subdomain is found there by the domain above it. */
function zoneOf(domain: string): string {
  return domain.split('.').length > 2 ? `${domain} or the domain that it belongs to` : domain
}
