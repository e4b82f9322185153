import { lazy, Suspense, useState } from 'react'
import { Button } from '../ui/button.tsx'
import { words } from '../words.ts'

const DisconnectDialog = lazy(() => import('../forms/disconnect-dialog.tsx'))

export function DisconnectButton() {
  const [isOpen, setOpen] = useState(false)
  return (
    <>
      <Button look="quiet-danger" onClick={() => setOpen(true)}>
        {words.records.disconnect}
      </Button>
      <Suspense fallback={null}>{isOpen && <DisconnectDialog onClose={() => setOpen(false)} />}</Suspense>
    </>
  )
}
