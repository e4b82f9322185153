import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Program } from '../support/processes.ts'

/** How a command runs in a container of ours. */
export interface ContainerOptions {
  /** The folder that is `/` inside; the system of this machine is added to it. */
  readonly root: string
  readonly workdir: string
  /** `1000:1000`; undefined: as root, or as whoever we are. */
  readonly user?: string
  /** The root may only be read, but for these folders of it: absolute, without links. */
  readonly readOnlyBut?: readonly string[]
}

/**
 * A program that runs another one in a mount namespace with a root of its own: the part of a container that can be
 * had without a container runtime. The network, the system's own programs and the current Node are this machine's.
 */
export function containerProgram({ root, workdir, user, readOnlyBut }: ContainerOptions): Program {
  requireNamespaces()
  const settings = [
    root,
    workdir,
    isRoot && user !== undefined ? user : '',
    readOnlyBut === undefined ? 'writable' : 'read-only',
    (readOnlyBut ?? []).join(' '),
    SYSTEM.join(' '),
  ]
  return { command: 'unshare', args: [...UNSHARE, '/bin/sh', '-euc', ENTER, 'container', ...settings] }
}

const isRoot = process.getuid?.() === 0
const UNSHARE = isRoot ? ['--mount'] : ['--map-root-user', '--mount']

/** Folders of this machine that stand for the base image: the system, and wherever Node is. */
const SYSTEM = ['bin', 'sbin', 'lib', 'lib64', 'usr', 'etc', 'opt', 'dev', 'proc'].filter((name) =>
  existsSync(`/${name}`),
)
const NODE = dirname(dirname(process.execPath)).slice(1)
if (!SYSTEM.includes(NODE.split('/')[0]!)) SYSTEM.push(NODE)

/** Its arguments: root, workdir, user, read-only or writable, what stays writable, system; then the command. */
const ENTER = `
root=$1 workdir=$2 user=$3 mode=$4 exceptions=$5 system=$6
shift 6
mount --bind "$root" "$root"
for name in $system; do
  if [ -h "/$name" ]; then
    [ -h "$root/$name" ] || cp --no-dereference "/$name" "$root/$name"
  else
    mkdir -p "$root/$name"
    mount --rbind "/$name" "$root/$name"
  fi
done
for folder in $exceptions; do mount --bind "$root$folder" "$root$folder"; done
if [ "$mode" = read-only ]; then mount -o remount,ro,bind "$root"; fi
if [ -n "$user" ]; then
  drop="setpriv --reuid=\${user%:*} --regid=\${user#*:} --clear-groups --no-new-privs --bounding-set=-all --inh-caps=-all"
else
  drop=
fi
exec chroot "$root" $drop /bin/sh -euc 'cd "$0" && exec "$@"' "$workdir" "$@"
`

function requireNamespaces(): void {
  const tried = spawnSync('unshare', [...UNSHARE, 'true'], { encoding: 'utf8' })
  if (tried.status === 0) return
  const remedy = isRoot
    ? 'This root may not mount; run the tests with CAP_SYS_ADMIN, or outside of a container.'
    : 'Run the tests as root, or allow user namespaces: sysctl kernel.unprivileged_userns_clone=1'
  throw new Error(
    `No mount namespace can be had (${(tried.error?.message ?? tried.stderr).trim()}). ${remedy}`,
  )
}

/** Runs a command inside and waits for it; throws with its last words if it fails. */
export function runInside(
  options: ContainerOptions,
  command: readonly string[],
  env: Record<string, string> = {},
): string {
  const { command: program, args } = containerProgram(options)
  return execFileSync(program, [...args, ...command], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}
