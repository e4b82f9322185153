import { connectAddress } from '../paths.ts'
import { ButtonLink } from '../ui/button.tsx'
import { words } from '../words.ts'

export function OAuthDoor({ domain }: { readonly domain: string }) {
  const said = words.doors.oauth
  return (
    <section className="card door">
      <h2>{said.heading}</h2>
      <p>{said.text}</p>
      <p className="reach">{said.reach(domain)}</p>
      <ol className="steps">
        {said.steps(domain).map((step) => (
          <li key={step}>{step}</li>
        ))}
      </ol>
      <div className="door-action">
        <ButtonLink href={connectAddress} look="primary" wholeWindow>
          {said.button}
        </ButtonLink>
      </div>
    </section>
  )
}
