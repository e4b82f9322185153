import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { Fault } from '../api.ts'
import { FaultText } from '../fault.tsx'
import { cloudflare } from '../paths.ts'
import { useCustomer, useDesk } from '../session.tsx'
import { fromTheTop } from '../top.ts'
import { Button } from '../ui/button.tsx'
import { Dialog, goneBack } from '../ui/dialog.tsx'
import { words } from '../words.ts'

/** Says what goes and what stays. */
export default function DisconnectDialog({ onClose }: { readonly onClose: () => void }) {
  const said = words.disconnect
  const { api, refresh, say } = useDesk()
  const { features } = useCustomer()
  const queries = useQueryClient()
  const [isBusy, setBusy] = useState(false)
  const [fault, setFault] = useState<Fault>()

  const disconnect = async () => {
    setBusy(true)
    setFault(undefined)
    const answer = await api.disconnect()
    setBusy(false)
    if (!answer.ok) return setFault(answer.fault)
    const isBack = goneBack()
    onClose()
    say('success', said.done)
    queries.removeQueries({ queryKey: ['plan'] })
    await Promise.all([isBack, refresh(), queries.invalidateQueries({ queryKey: ['records'] })])
    // The list with the button is gone.
    fromTheTop()
  }
  return (
    <Dialog title={said.title} description={said.text} onClose={onClose} isQuestion>
      <p>
        {said.token}{' '}
        <a
          className="text-link"
          href={cloudflare.tokens(features.cloudflareDashUrl)}
          target="_blank"
          rel="noopener noreferrer"
        >
          {said.tokenLink}
        </a>
      </p>
      {fault !== undefined && <FaultText fault={fault} seconds={0} />}
      <div className="dialog-actions">
        <Button onClick={onClose}>{said.cancel}</Button>
        <Button look="danger" busy={isBusy} onClick={() => void disconnect()}>
          {said.button}
        </Button>
      </div>
    </Dialog>
  )
}
