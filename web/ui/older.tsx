import { words } from '../words.ts'
import { Button } from './button.tsx'
import { Notice } from './notice.tsx'

/** Below a list that comes by pages, newest first. */
export function Older({
  query: { hasNextPage, isFetchingNextPage, isFetchNextPageError, error, fetchNextPage },
}: {
  readonly query: {
    readonly hasNextPage: boolean
    readonly isFetchingNextPage: boolean
    readonly isFetchNextPageError: boolean
    readonly error: Error | null
    readonly fetchNextPage: () => Promise<unknown>
  }
}) {
  return (
    <div className="actions">
      {isFetchNextPageError && (
        <Notice kind="error" urgent>
          <p>{error?.message}</p>
        </Notice>
      )}
      {hasNextPage ? (
        <Button busy={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.older.more}
        </Button>
      ) : (
        <p className="quiet">{words.older.end}</p>
      )}
    </div>
  )
}
