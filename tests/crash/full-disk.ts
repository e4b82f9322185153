import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder whose disk can be filled, and have space again. */
export interface SmallDisk {
  readonly folder: string
  /** From now on `pid` cannot make its database larger. */
  fill(pid: number, database: string): void
  heal(pid: number): void
  remove(): void
}

/**
 * A file system of its own where we may mount one. Elsewhere a limit on the size of files: to write beyond it fails in
 * the same way.
 */
export function smallDisk(): SmallDisk {
  const folder = mkdtempSync(join(tmpdir(), 'zonewright-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', folder]).status === 0
  return mounted ? mountedDisk(folder) : limitedDisk(folder)
}

function mountedDisk(folder: string): SmallDisk {
  const ballast = join(folder, 'ballast')
  return {
    folder,
    fill() {
      // Whole pages until there is no room for one more.
      for (let octets = 8 * 1024 * 1024; octets >= 4_096; octets /= 2) {
        spawnSync('dd', [
          'if=/dev/zero',
          `of=${ballast}`,
          `bs=${octets}`,
          'count=1',
          'oflag=append',
          'conv=notrunc',
        ])
      }
    },
    heal: () => rmSync(ballast),
    remove() {
      execFileSync('umount', ['--lazy', folder])
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

function limitedDisk(folder: string): SmallDisk {
  const limit = (pid: number, octets: number | 'unlimited') =>
    execFileSync('prlimit', ['--pid', String(pid), `--fsize=${octets}:unlimited`])
  return {
    folder,
    fill: (pid, database) => void limit(pid, statSync(`${database}-wal`).size),
    heal: (pid) => void limit(pid, 'unlimited'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}
