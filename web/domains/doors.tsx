import { cloudflare } from '../paths.ts'
import { useCustomer } from '../session.tsx'
import { words } from '../words.ts'
import { HandOff } from './hand-off.tsx'
import { OAuthDoor } from './oauth-door.tsx'
import { TokenDoor } from './token-door.tsx'

/** Before a connection: the ways to make one, side by side. */
export function Doors({ domain }: { readonly domain: string }) {
  const { features } = useCustomer()
  return (
    <>
      <h1>{words.doors.heading}</h1>
      <p className="lead">{words.doors.intro}</p>
      <p className="lead">{words.doors.nothingYet(domain)}</p>
      <DoorCards domain={domain} />
      <HandOff />
      <p className="beside">
        {words.doors.signUp.question}{' '}
        <a
          className="text-link"
          href={cloudflare.signUp(features.cloudflareDashUrl)}
          target="_blank"
          rel="noopener noreferrer"
        >
          {words.doors.signUp.link} →
        </a>
      </p>
    </>
  )
}

/** The doors that this installation has. */
export function DoorCards({ domain }: { readonly domain: string }) {
  const { features } = useCustomer()
  return (
    <div className="doors">
      {features.oauth && <OAuthDoor domain={domain} />}
      {features.token && <TokenDoor domain={domain} />}
    </div>
  )
}
