import { ArrowsClockwiseIcon } from '@phosphor-icons/react/dist/csr/ArrowsClockwise'
import { CheckCircleIcon } from '@phosphor-icons/react/dist/csr/CheckCircle'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { RecordsAnswer } from '#faces/dashboard/api.ts'
import type { Fault } from '../api.ts'
import { useNow } from '../dates.ts'
import { FaultText, useWait } from '../fault.tsx'
import { useDesk } from '../session.tsx'
import { Button } from '../ui/button.tsx'
import { Moment } from '../ui/moment.tsx'
import { words } from '../words.ts'
import { DisconnectButton } from './disconnect.tsx'

/** How things stand with Cloudflare, below the list. */
export function ConnectionBar({
  lastSyncedAt,
  isConnected,
}: {
  readonly lastSyncedAt: string | null
  readonly isConnected: boolean
}) {
  const said = words.records
  const { api, say } = useDesk()
  const queries = useQueryClient()
  const now = useNow()
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()
  const wait = useWait()

  const sync = async () => {
    setBusy(true)
    setFault(undefined)
    const answer = await api.sync()
    setBusy(false)
    if (answer.ok) {
      queries.setQueryData(
        ['records'],
        (before: RecordsAnswer | undefined) => before && { ...before, ...answer.value },
      )
      say('success', said.syncDone)
    } else {
      setFault(answer.fault)
      wait.restart(answer.fault)
    }
    // The connection may be known to be lost now.
    await queries.invalidateQueries({ queryKey: ['records'] })
  }
  return (
    <footer className="connection">
      {fault !== undefined && <FaultText fault={fault} seconds={wait.seconds} />}
      <div className="connection-row">
        <p className={isConnected ? 'connected' : 'not-connected'}>
          {isConnected && <CheckCircleIcon size={18} weight="fill" aria-hidden="true" />}
          {isConnected ? said.connected : said.disconnected}
        </p>
        <p className="synced">
          {lastSyncedAt === null ? (
            said.neverSynced
          ) : (
            <>
              {said.synced} <Moment at={lastSyncedAt} now={now} />
            </>
          )}
        </p>
        <div className="connection-actions">
          {isConnected && (
            <Button
              icon={<ArrowsClockwiseIcon aria-hidden="true" />}
              busy={isBusy}
              disabled={wait.seconds > 0}
              onClick={() => void sync()}
            >
              {isBusy ? said.syncing : said.sync}
            </Button>
          )}
          <DisconnectButton />
        </div>
      </div>
    </footer>
  )
}
